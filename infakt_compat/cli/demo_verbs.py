"""The second part of the demo: v2's verbs on a stand-in, and the v3 calls that they become."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from infakt_compat.codecs.json_text import dumps

if TYPE_CHECKING:
    from infakt_compat.facade import Api

#: What a v2 program would send: the words and values of v2.
_CLIENT = {"client": {"nazwa_firmy": "Klient A", "miejscowosc": "Kraków", "nip": "521-592-28-94"}}
_LINE = {"nazwa": "Produkt A", "ilosc": 2, "stawka_vat": 23, "cena_netto": "50.00"}
_LONGEST = 150
_UUID = re.compile(r"([0-9a-f]{4})[0-9a-f]{4}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_begin = r"\1…"


def show_verbs() -> None:
    """Walk through the verbs: the v2 call, the v3 calls, and the v2 answer, side by side."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from infakt_compat.facade import connect
    from infakt_compat.standin import StandIn

    click.secho("v2's verbs on today's v3 (a stand-in on this machine)", bold=True)
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 2, 0, 0), show_lines=True)
    for title in ("v2 call", "became, in v3", "v2 answer"):
        table.add_column(title, overflow="fold")
    with (
        StandIn() as standin,
        connect(
            standin.api_key, standin.url, store=":memory:", limits="off", background=False
        ) as api,
    ):
        seen = 0
        for words, call in _calls(api):
            answer = call()
            log = standin.requests()
            became = [_call_text(each) for each in log[seen:]]
            seen = len(log)
            table.add_row(words, "\n".join(became), _short(answer))
    Console(highlight=False, markup=False).print(table)


def _calls(api: "Api") -> Iterator[tuple[str, Callable[[], Any]]]:
    """Give each call in v2's words, and the call; a later one knows the answers of those before."""
    answers: dict[str, Any] = {}

    def kept(name: str, answer: Any) -> Any:
        answers[name] = answer
        return answer

    yield "clients/create", lambda: kept("client", api.clients.create(_CLIENT))
    invoice = {
        "client_id": answers["client"]["client"]["client_id"],
        "status": "szkic",
        "rodzaj_faktury": "Faktura VAT",
        "sposob_platnosci": "Gotówka",
        "services": [_LINE],
    }
    yield "invoices/create", lambda: kept("made", api.invoices.create({"invoice": invoice}))
    number = answers["made"]["invoice"]["invoice_id"]
    yield "invoices/list", lambda: api.invoices.list(per_page=10)["info"]
    yield "invoices/show/:id", lambda: api.invoices.show(number)
    changes = {"invoice": {"uwagi": "Dziękujemy"}}
    yield "invoices/update/:id", lambda: api.invoices.update(number, changes)
    yield "invoices/paid/:id", lambda: api.invoices.paid(number)
    yield "invoices/delete/:id", lambda: api.invoices.delete(number)


def _call_text(each: Mapping[str, Any]) -> str:
    """Write a v3 call of the stand-in's log, its uuids cut short."""
    path = _UUID.sub(_begin, each["path"]).removesuffix(".json")
    return f"{each['method']} {path} {each['status']}"


def _short(answer: Any) -> str:
    """Write an answer as JSON, cut to what fits a column."""
    text = dumps(answer).decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
