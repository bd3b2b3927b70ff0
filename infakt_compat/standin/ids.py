"""Ids that are unique and follow from a seed number (control plane: reset, seed)."""

from __future__ import annotations

import hashlib

FIRST_ID = {
    "documents": 2310904,
    "rows": 2604853,
    "clients": 206013,
    "products": 5101,
    "bank_accounts": 24663,
    "attachments": 16,
    "events": 1,
    "tasks": 1,
}


def uuid_for(seed: int, counter: int) -> str:
    """Return the `counter`-th uuid of a seed, in the form of version 4."""
    digest = bytearray(hashlib.sha256(f"{seed}:{counter}".encode()).digest()[:16])
    digest[6] = (digest[6] & 0x0F) | 0x40
    digest[8] = (digest[8] & 0x3F) | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def key_for(seed: int) -> str:
    """Return the API key of a stand-in: forty hexadecimal digits, as v3's are."""
    return hashlib.sha256(f"stand-in api key {seed}".encode()).hexdigest()[:40]
