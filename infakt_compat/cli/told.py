"""What v3 wants and v2 never knew, as check and import are told it on the command line."""

from collections.abc import Callable
from typing import Any

import click

#: v3's rates of lump-sum tax (v3-wire 8).
FLAT_RATES = ("2", "3", "5.5", "8.5", "10", "12", "12.5", "14", "15", "17", "20")

_OPTIONS = (
    click.option(
        "--clients",
        type=click.Choice(["match", "embed", "keep"]),
        help="match (default): by tax number, else created; embed: in the document; keep: v2's "
        "ids.",
    ),
    click.option(
        "--sale-type",
        type=click.Choice(["service", "merchandise"]),
        help="What buyers abroad bought, which v2 never asked.",
    ),
    click.option(
        "--exemption", type=int, metavar="ID", help="v3's ground for lines exempt from VAT."
    ),
    click.option(
        "--flat-rate",
        type=click.Choice(FLAT_RATES),
        metavar="SYMBOL",
        help="v3's lump-sum rate of every line.",
    ),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the parameters `clients`, `sale_type`, `exemption` and `flat_rate`.

    Each is None where it is not told.
    """
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
