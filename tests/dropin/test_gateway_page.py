"""The operators' page in a real browser, headless: Chromium as Debian has it."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from infakt_compat.dropin import page
from infakt_compat.dropin.calls_log import Call, Exchange, Tally
from infakt_compat.dropin.limits_left import Left
from infakt_compat.store import KsefInvoice, KsefState


def called(**more: Any) -> Call:
    """Give a call that is over."""
    exchange = Exchange("GET", "/invoices/*.json", 200, 12)
    plain = {"verb": "invoices.create", "status": 503, "outcome": "not_admitted", "ms": 25_000.4}
    return Call(**{**plain, "exchanges": [exchange] * 3, "reason": "a reason " * 20, **more})


def shown(name: str, *calls: Call) -> page.Shown:
    """Give an account with everything that there can be."""
    tally = Tally(Counter({"not_admitted": 3}), Counter({"currency.defaulted": 12}))
    said = "Duplikat faktury. " * 12
    rejection = KsefInvoice(
        7, "u-u-i-d", KsefState.REJECTED, 0, number="17/KOR/11/2026", code="440", text=said
    )
    return page.Shown(
        name, calls, tally, "https://api.infakt.pl/api/v3",
        [Left("reads", 60, 300, 0)], [rejection], in_doubt=2,
    )  # fmt: skip


def opened(browser: Any, folder: Path, width: int) -> Any:
    """Show two accounts, whose calls are of other lengths."""
    first, second = called(), called(verb="none", outcome="done", status=200, reason="")
    accounts = [shown("sklep", first, second), shown("drugi", second)]
    (folder / "page.html").write_bytes(page.render(accounts))
    sheet = browser.new_page(viewport={"width": width, "height": 900})
    sheet.goto((folder / "page.html").as_uri())
    return sheet


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_lies_outside_the_view(browser: Any, tmp_path: Path, width: int) -> None:
    """A telephone shows each call whole, with the names of what it says."""
    with opened(browser, tmp_path, width) as sheet:
        assert sheet.evaluate("document.documentElement.scrollWidth") <= width
        over = "cells => cells.filter(c => c.scrollWidth > c.clientWidth + 1).length"
        assert sheet.eval_on_selector_all(".rows td", over) == 0
        right = "cells => Math.max(...cells.map(c => c.getBoundingClientRect().right))"
        assert sheet.eval_on_selector_all("td", right) <= width
        assert "not_admitted" in sheet.inner_text("body")


def test_the_columns_of_all_accounts_stand_below_each_other(browser: Any, tmp_path: Path) -> None:
    """Whatever stands in them."""
    with opened(browser, tmp_path, 1280) as sheet:
        left = "cells => cells.map(c => c.getBoundingClientRect().left)"
        tables = [
            sheet.eval_on_selector_all(f"table[aria-label='Last calls of {name}'] th", left)
            for name in ("sklep", "drugi")
        ]
    assert tables[0] == tables[1]
    assert len(tables[0]) == 8
