"""v2 trees to v3 trees and back, by rules compiled from the tables."""

from infakt_compat.translate.conversion import Conversion, V2Document, canonical, to_v2, to_v3
from infakt_compat.translate.view import Put, get, put

__all__ = ["Conversion", "Put", "V2Document", "canonical", "get", "put", "to_v2", "to_v3"]
