"""v2 trees to v3 trees and back, by rules compiled from the tables."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infakt_compat.translate.conversion import (
        Conversion,
        V2Document,
        canonical,
        to_v2,
        to_v3,
    )
    from infakt_compat.translate.view import Put, get, put

__all__ = ["Conversion", "Put", "V2Document", "canonical", "get", "put", "to_v2", "to_v3"]


def __getattr__(name: str) -> Any:
    """Import the functions when they are first used: a bulk conversion needs the engines only."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'infakt_compat.translate' has no attribute {name!r}")
    home = "view" if name in ("Put", "get", "put") else "conversion"
    return getattr(import_module(f"infakt_compat.translate.{home}"), name)
