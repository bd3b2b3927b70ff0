"""The short form of `soak.py`: two gateways, one PostgreSQL, eight callers, faults on."""

from pathlib import Path

from . import soak

SECONDS = 4


def test_two_gateways_and_one_database(tmp_path: Path, postgres_url: str) -> None:
    """No document twice or lost, no nonce good twice, v3's limits kept in sum."""
    found, tally = soak.soak(tmp_path, postgres_url, SECONDS, seed=2010)
    assert soak.faulty(found) == {}, tally.wrong
    for name in ("creates answered", "nonces used for two bodies", "same bytes sent twice"):
        assert found[name] > 0, name
    assert found["faults of v3"] > 0
