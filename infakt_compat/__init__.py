"""Carries inFakt API v2 documents and callers over to v3."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infakt_compat.dropin.adapter import V2Adapter
    from infakt_compat.errors import ConversionError, Fault, InfaktCompatError
    from infakt_compat.facade.connect import connect
    from infakt_compat.facade.errors import V2Error
    from infakt_compat.notices import Notice
    from infakt_compat.translate.conversion import Conversion, V2Document, to_v2, to_v3

__version__ = "0.1.0"

__all__ = [
    "Conversion",
    "ConversionError",
    "Fault",
    "InfaktCompatError",
    "Notice",
    "V2Adapter",
    "V2Document",
    "V2Error",
    "__version__",
    "connect",
    "to_v2",
    "to_v3",
]

_HOMES = {
    "Conversion": "translate.conversion",
    "ConversionError": "errors",
    "Fault": "errors",
    "InfaktCompatError": "errors",
    "Notice": "notices",
    "V2Adapter": "dropin.adapter",
    "V2Document": "translate.conversion",
    "V2Error": "facade",
    "connect": "facade",
    "to_v2": "translate.conversion",
    "to_v3": "translate.conversion",
}


def __getattr__(name: str) -> Any:
    """Import the public names when they are first used.

    The command starts without the heavy parts.
    """
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module 'infakt_compat' has no attribute {name!r}")
    return getattr(import_module(f"infakt_compat.{_HOMES[name]}"), name)
