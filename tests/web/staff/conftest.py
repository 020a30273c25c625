"""The whole application over a shop with people at its desk."""

from tests.web.desk.conftest import town, url

__all__ = ["town", "url"]
