"""The operators' page: plain HTML of one piece, no scripts, nothing from elsewhere."""

import base64
import hashlib
import os
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from attrs import Factory, frozen
from jinja2 import DictLoader, Environment, StrictUndefined, Template

from infakt_compat import __version__
from infakt_compat.dropin.calls_log import KEPT, NOBODY, OWN_KEYS, Call, Tally
from infakt_compat.dropin.limits_left import Left
from infakt_compat.store import KsefInvoice

CONTENT_TYPE = "text/html; charset=utf-8"
#: Groups of calls that belong to no configured account, and their titles.
OTHERS: Mapping[str, str] = MappingProxyType(
    {OWN_KEYS: "Callers with API keys of their own", NOBODY: "Nobody's: not let in, or no call"}
)
#: Outcomes that are no errors; all others are counted as such.
_FINE = frozenset({"done", "repeated"})
_NAME = "page.html"
_STARTED = time.time()


@frozen
class Shown:
    """What the page shows of an account, or of a group of callers."""

    name: str
    recent: Sequence[Call]
    tally: Tally
    base_url: str = ""
    limits: Sequence[Left] = ()
    rejections: Sequence[KsefInvoice] = Factory(tuple)
    in_doubt: int = 0

    @property
    def errors(self) -> dict[str, int]:
        """Give what went wrong, the most frequent first."""
        return {name: n for name, n in self.tally.outcomes.most_common() if name not in _FINE}

    @property
    def notices(self) -> dict[str, int]:
        """Give notices by code, the most frequent first."""
        return dict(self.tally.notices.most_common())


def render(shown: Sequence[Shown]) -> bytes:
    """Write the page."""
    text = _template().render(
        accounts=shown, version=__version__, kept=KEPT, process=os.getpid(),
        started=_STARTED, now=time.time(),
    )  # fmt: skip
    return text.encode()


@cache
def _template() -> Template:
    loader = DictLoader({_NAME: _source()})
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["shown"] = _shown
    return environment.get_template(_NAME)


def _shown(moment: float | datetime) -> str:
    """Write a moment as people read it, in UTC."""
    known = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    return f"{known:%Y-%m-%d %H:%M:%S}"


@cache
def _source() -> str:
    return files("infakt_compat.dropin").joinpath("templates", _NAME).read_text("utf-8")


def _policy() -> str:
    """Allow the page's own style by its hash, and nothing else."""
    found = re.search(r"<style>(.*?)</style>", _source(), re.DOTALL)
    assert found is not None
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


HEADERS = (
    ("Content-Security-Policy", _policy()),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
