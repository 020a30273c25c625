"""What tests of several audiences share."""

from tests.web.walk import walk

__all__ = ["walk"]
