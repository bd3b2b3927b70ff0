"""`infakt-compat standin`: a v3 of our own on loopback, for tests and rehearsals."""

import sqlite3
from pathlib import Path

import click


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the account in a SQLite file; without it, in memory.",
)
@click.option(
    "--dialect",
    type=click.Choice(["current", "classic"]),
    default="current",
    show_default=True,
    help="Today's v3 (uuids, tasks), or that of the first documentation.",
)
@click.option(
    "--limits",
    type=click.Choice(["off", "real"]),
    default="off",
    show_default=True,
    help="Count requests as v3 does, and answer 429.",
)
@click.option(
    "--samples",
    type=click.IntRange(0, 1_000_000),
    default=0,
    metavar="N",
    help="Begin with N documents.",
)
@click.option(
    "--latency",
    type=click.IntRange(0, 60_000),
    default=0,
    metavar="MS",
    help="Answer each request MS milliseconds later.",
)
def command(
    port: int, db: Path | None, dialect: str, limits: str, samples: int, latency: int
) -> None:
    """Serve a v3 stand-in on loopback until Ctrl-C.

    When ready it prints one line of JSON: {"url": ..., "api_key": ...}. Faults, clock, seed and
    the log of requests are under /__standin__/ of the same host.
    """
    from infakt_compat.standin import serve

    try:
        serve(port, db, dialect, limits, samples, latency)
    except sqlite3.Error as error:
        raise click.UsageError(f"{db} cannot be used as the account's file: {error}") from None
    except OSError as error:
        raise click.UsageError(f"the port {port} cannot be had: {error.strerror}") from None
