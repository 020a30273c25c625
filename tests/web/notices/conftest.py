"""The served shop of the shop's pages, with its people."""

from tests.web.shop.conftest import desk

__all__ = ["desk"]
