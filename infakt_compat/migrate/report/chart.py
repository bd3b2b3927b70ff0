"""A bar chart of amounts by month, as the whole numbers that an SVG is drawn from."""

from collections.abc import Mapping

from attrs import frozen

from infakt_compat.migrate.report.sums import Sums

#: In units of the drawing.
WIDTH, HEIGHT = 960, 220
_TOP, _BOTTOM, _LEFT = 20, 24, 28
#: With more months than this the bars are years.
_MOST_MONTHS = 48
_LEAST_LABEL = 62
_WIDEST = 56


@frozen
class Bar:
    """One bar: where it stands, how high, and what it says when pointed at."""

    x: int
    y: int
    width: int
    height: int
    side: str
    span: str
    amount: int


@frozen
class Label:
    """A text below the bars."""

    x: int
    text: str


@frozen
class Chart:
    """One currency's chart; `span` is `month` or `year`, `zero` the height of the base line."""

    currency: str
    span: str
    bars: tuple[Bar, ...]
    labels: tuple[Label, ...]
    zero: int
    both: bool
    #: The greatest amount, and the height of its line.
    peak: int
    peak_y: int


def charts(sums: Sums, other: Sums | None) -> list[Chart]:
    """Draw the gross amounts by month, a chart a currency; proformas are no sales."""
    sides = [("source", sums)] + ([("v3", other)] if other is not None else [])
    gross = {side: _gross(one) for side, one in sides}
    documents: dict[str, int] = {}
    for (_, _, currency), amounts in sums.months.items():
        documents[currency] = documents.get(currency, 0) + amounts.count
    found = []
    for currency in sorted(documents, key=lambda name: (-documents[name], name))[:3]:
        values = {side: by_month.get(currency, {}) for side, by_month in gross.items()}
        if any(values.values()):
            found.append(_chart(currency, values))
    return found


def _gross(sums: Sums) -> dict[str, dict[str, int]]:
    """Add up the gross amounts by currency and month."""
    found: dict[str, dict[str, int]] = {}
    for (month, kind, currency), amounts in sums.months.items():
        if kind != "proforma" and month:
            of_currency = found.setdefault(currency, {})
            of_currency[month] = of_currency.get(month, 0) + amounts.gross
    return found


def _chart(currency: str, values: Mapping[str, Mapping[str, int]]) -> Chart:
    """Place the bars of one currency."""
    spans = _spans({month for side in values.values() for month in side})
    size = 7
    if len(spans) > _MOST_MONTHS:
        size, spans = 4, sorted({span[:4] for span in spans})
    heights = {side: dict.fromkeys(spans, 0) for side in values}
    for side, by_month in values.items():
        for month, amount in by_month.items():
            heights[side][month[:size]] += amount
    every = [amount for side in heights.values() for amount in side.values()]
    top, low = max(0, *every), min(0, *every)
    room, reach = HEIGHT - _TOP - _BOTTOM, max(top - low, 1)
    zero = _TOP + room * top // reach
    step = (WIDTH - 2 * _LEFT) // len(spans)
    width = min(max((step - max(step // 5, 1)) // len(values), 1), _WIDEST)
    bars = []
    for place, span in enumerate(spans):
        start = _LEFT + place * step + (step - width * len(values)) // 2
        for turn, side in enumerate(values):
            amount = heights[side][span]
            high = max(room * abs(amount) // reach, 1 if amount else 0)
            upper = zero - high if amount > 0 else zero
            bars.append(Bar(start + turn * width, upper, width, high, side, span, amount))
    nth = max(-(-_LEAST_LABEL // step), 1)
    labels = tuple(
        Label(_LEFT + place * step + step // 2, span)
        for place, span in enumerate(spans)
        if place % nth == 0
    )
    kind = "month" if size == 7 else "year"
    both = len(values) > 1
    return Chart(currency, kind, tuple(bars), labels, zero, both, top, zero - room * top // reach)


def _spans(months: set[str]) -> list[str]:
    """Give every month from the first to the last, those without documents too."""
    first, last = min(months), max(months)
    found, (year, month) = [first], (int(first[:4]), int(first[5:7]))
    while found[-1] < last:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        found.append(f"{year:04}-{month:02}")
    return found
