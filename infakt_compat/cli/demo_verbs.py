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
#: So many fields of a record are shown; the others are counted.
_MOST_FIELDS = 3
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
    table.add_column("v2 call", overflow="fold", min_width=19)
    table.add_column("became, in v3", no_wrap=True)
    table.add_column("v2 answer", overflow="fold")
    with (
        StandIn() as standin,
        connect(
            standin.api_key, standin.url, store=":memory:", limits="off", background=False
        ) as api,
    ):
        seen = 0
        for words, sent, call in _calls(api):
            answer = call()
            log = standin.requests()
            became = [_call_text(each) for each in log[seen:]]
            seen = len(log)
            asked = words if sent is None else f"{words}\n{_short(sent)}"
            table.add_row(asked, "\n".join(became), _short(answer))
    Console(highlight=False, markup=False).print(table)


def _calls(api: "Api") -> Iterator[tuple[str, Any, Callable[[], Any]]]:
    """Give each call in v2's words, what it sends, and the call; each knows earlier answers."""
    answers: dict[str, Any] = {}

    def kept(name: str, answer: Any) -> Any:
        answers[name] = answer
        return answer

    yield "clients/create", _CLIENT, lambda: kept("client", api.clients.create(_CLIENT))
    invoice = {
        "invoice": {
            "client_id": answers["client"]["client"]["client_id"],
            "rodzaj_faktury": "Faktura VAT",
            "services": [_LINE],
            "status": "szkic",
            "sposob_platnosci": "Gotówka",
        }
    }
    yield "invoices/create", invoice, lambda: kept("made", api.invoices.create(invoice))
    number = answers["made"]["invoice"]["invoice_id"]
    yield "invoices/list", None, api.invoices.list
    yield "invoices/show/:id", None, lambda: api.invoices.show(number)
    changes = {"invoice": {"uwagi": "Dziękujemy"}}
    yield "invoices/update/:id", changes, lambda: api.invoices.update(number, changes)
    yield "invoices/paid/:id", None, lambda: api.invoices.paid(number)
    yield "invoices/delete/:id", None, lambda: api.invoices.delete(number)


def _call_text(each: Mapping[str, Any]) -> str:
    """Write a v3 call of the stand-in's log, its uuids cut short."""
    path = _UUID.sub(_begin, each["path"]).removesuffix(".json")
    return f"{each['method']} {path} {each['status']}"


def _short(value: Any) -> str:
    """Write a tree as JSON with the first fields of each record, and how many more there are."""
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    if not isinstance(value, Mapping):
        return dumps(value).decode()
    shown = [f'"{name}": {_short(value[name])}' for name in list(value)[:_MOST_FIELDS]]
    if more := len(value) - len(shown):
        shown.append(f"… {more} more")
    return "{" + ", ".join(shown) + "}"
