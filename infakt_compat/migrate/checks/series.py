"""Which series a number belongs to, and its place in it.

v2 numbered by month: `7/05/2013` (v3-wire 1.4, 5). Own templates have their counter elsewhere
(`FV/2013/05/0007`): of the digits that are neither the year nor the month of the invoice date, the
first group counts where the number begins with it, else the last.
"""

import re

#: A counter has no more digits than this; longer groups are order numbers and the like.
_MOST_DIGITS = 9
_DIGITS = re.compile(r"[0-9]+")
#: Stands for the counter in the name of a series.
COUNTER = "#"

Place = tuple[str, int]


def place_of(number: str, day: str) -> Place | None:
    """Give series and place of a number; None when it has no counter. `day` is an ISO date."""
    first, _, rest = number.partition("/")
    if first.isascii() and first.isdigit() and rest == f"{day[5:7]}/{day[:4]}":
        return (f"{COUNTER}/{rest}", int(first)) if len(first) <= _MOST_DIGITS else None
    groups = list(_DIGITS.finditer(number))
    year = _year(groups, day)
    month = _month([group for group in groups if group is not year], year, day)
    for calendar in (year, month):
        if calendar is not None and len(groups) > 1:
            groups.remove(calendar)
    if not groups:
        return None
    counter = groups[0] if _DIGITS.match(number) else groups[-1]
    if len(counter[0]) > _MOST_DIGITS:
        return None
    start, end = counter.span()
    return f"{number[:start]}{COUNTER}{number[end:]}", int(counter[0])


def restarts(series: str, day: str) -> bool:
    """Say whether a series begins anew each month or year, so that it should begin with 1."""
    return day[:4] in series


def _year(groups: list[re.Match[str]], day: str) -> re.Match[str] | None:
    """Find the year: four digits, else two at the end."""
    for group in groups:
        if group[0] == day[:4]:
            return group
    last = groups[-1] if groups else None
    return last if last is not None and last[0] == day[2:4] else None


def _month(
    groups: list[re.Match[str]], year: re.Match[str] | None, day: str
) -> re.Match[str] | None:
    """Find the month, with two digits before one; of several the nearest to the year."""
    wanted = day[5:7]
    alike = [group for group in groups if group[0] == wanted]
    alike = alike or [group for group in groups if f"{group[0]:0>2}" == wanted]
    if year is None:
        return alike[-1] if alike else None
    where = year.start()
    return min(reversed(alike), key=lambda group: abs(group.start() - where), default=None)
