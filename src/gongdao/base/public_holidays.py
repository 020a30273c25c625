"""Public holidays of a country, as the library of that name has them.

The library imports all of its hundred and fifty countries for one of them, which takes most of a
second and 32 MB in each process. Here a country is imported when somebody asks for it.
"""

import importlib
import sys
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import holidays
from holidays.registry import COUNTRIES

_PACKAGE = "holidays.countries"
#: In which module a country's class stands, by each of its names and codes.
_MODULES = {name: module for module, names in COUNTRIES.items() for name in names}


class _OneByOne(ModuleType):
    """Stands for the package of countries: the same names, imported when they are asked for."""

    def __getattr__(self, name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(name)
        return getattr(importlib.import_module(f"{_PACKAGE}.{_MODULES[name]}"), name)


@cache
def holidays_of(country: str) -> holidays.HolidayBase:
    """The calendar of a country by its code (CN); years are worked out as they are asked for.

    Raises NotImplementedError for a country that the library does not know.
    """
    if _PACKAGE not in sys.modules:
        spec = find_spec(_PACKAGE)
        assert spec is not None, "the library has countries"
        package = _OneByOne(_PACKAGE)
        package.__spec__, package.__path__ = spec, list(spec.submodule_search_locations or ())
        sys.modules[_PACKAGE] = package
    return holidays.country_holidays(country)
