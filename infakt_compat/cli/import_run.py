"""A run of `import`: the dry one, and the one that does it."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
from attrs import define, frozen
from sqlalchemy import ColumnElement

from infakt_compat.cli import import_report
from infakt_compat.cli.connection import Connection
from infakt_compat.cli.convert import DONE, INTERRUPTED, REJECTED, STOPPED, UNREADABLE
from infakt_compat.cli.import_progress import watching
from infakt_compat.cli.import_words import said
from infakt_compat.facade import Defaults
from infakt_compat.migrate.identity import identity
from infakt_compat.migrate.importing import outcomes
from infakt_compat.migrate.importing.ahead import ahead
from infakt_compat.migrate.importing.foreseen import foresee
from infakt_compat.migrate.importing.pace import Pace
from infakt_compat.migrate.importing.run import Import, Snapshot, Stopped, WrongAccount
from infakt_compat.migrate.importing.settings import SETTLE, Only, Settings
from infakt_compat.migrate.journal import Journal, NoJournal, State, Totals, open_journal
from infakt_compat.migrate.journal.lock import held
from infakt_compat.migrate.output import try_file, try_folder
from infakt_compat.migrate.planning.estimate import Estimate, estimate
from infakt_compat.migrate.planning.families import CLIENTS
from infakt_compat.migrate.planning.fingerprints import name_of
from infakt_compat.migrate.planning.planner import Progress, plan
from infakt_compat.migrate.planning.rehearsal import Rehearsal, rehearsal
from infakt_compat.migrate.source import Source
from infakt_compat.v3 import Clock, V3Client, V3Error
from infakt_compat.v3.api import DIALECTS

if TYPE_CHECKING:
    from infakt_compat.migrate.convert import RejectLimit

#: v3 does not let a run go on: key, plan, network.
REFUSED = 5


@frozen
class Wish:
    """What the command line asks for. `kept` are the settings that a journal remembers."""

    sources: list[Source]
    journal: str
    apply: bool
    way: Connection
    only: Only
    kept: dict[str, Any]
    send_to_ksef: bool
    pdf: Path | None
    settle: int | None
    limit: "RejectLimit | None"
    html: Path | None
    lang: str

    @property
    def names(self) -> list[str]:
        """Give the sources' names as journals know them."""
        return [name_of(source) for source in self.sources]

    def owing(self, totals: Totals) -> int:
        """Count the documents that lack a step which this run was to do."""
        return totals.owing if self.pdf is not None else totals.unfinished

    def settings(self, before: dict[str, Any]) -> tuple[dict[str, Any], Settings]:
        """Give what to remember, and the settings: what is not said now was said before."""
        kept = {**before, **self.kept}
        own: dict[str, Any] = {
            "sale_type": kept.get("sale_type"),
            "vat_exemption_reason": kept.get("exemption"),
            "flat_rate_tax_symbol": kept.get("flat_rate"),
        }
        return kept, Settings(
            kept.get("clients", "match"), kept.get("paid_date", "payment"), self.only,
            self.send_to_ksef, self.pdf, SETTLE if self.settle is None else self.settle,
            Defaults(**own),
        )  # fmt: skip


def run(wish: Wish) -> int:
    """Run an import; gives the exit code. Raises `OutputFailed` for what it could not write."""
    if wish.html is not None:
        try_file(wish.html)
    if wish.apply and wish.pdf is not None:
        try_folder(wish.pdf)
    return _apply(wish) if wish.apply else _rehearse(wish)


def _rehearse(wish: Wish) -> int:
    """Say what an import would do, and leave nothing behind."""
    with _existing(wish.journal) as beside, _planning(wish) as progress:
        before = (beside.value("settings") or {}) if beside else {}
        _, settings = wish.settings(before)
        with rehearsal(wish.sources, beside, progress) as made:
            foreseen = foresee(made.journal, settings, Clock(), wish.names)
            foreseen.said.extend(ahead(made.journal, settings, DIALECTS[wish.way.dialect]))
            cost = _cost(made.journal, settings, wish)
            import_report.show_plan(made, foreseen, cost, wish)
            if wish.html is not None:
                import_report.write_page(made.journal, wish, foreseen)
            return _code(made, wish)


@contextmanager
def _existing(where: str) -> Iterator[Journal | None]:
    try:
        journal = open_journal(where)
    except NoJournal:
        yield None
        return
    with journal:
        yield journal


def _code(made: Rehearsal, wish: Wish) -> int:
    rejected, total = _rejected(made.journal, wish)
    if _too_many(wish, rejected, total):
        click.echo(said("too_many", wish.lang, rejected=rejected, total=total), err=True)
        return STOPPED
    if _broken(made.journal, wish):
        return UNREADABLE
    return REJECTED if rejected or made.unsettled() else DONE


def _cost(journal: Journal, settings: Settings, wish: Wish) -> Estimate:
    return estimate(
        journal, DIALECTS[wish.way.dialect], settings.only.where(),
        match_clients=settings.clients == "match", pdfs=settings.pdf is not None,
    )  # fmt: skip


def _apply(wish: Wish) -> int:
    """Plan what is not planned, and carry it out."""
    with open_journal(wish.journal, create=True) as journal, held(journal):
        clock = Clock()
        pace = Pace(journal.windows, clock)
        with wish.way.client(windows=pace, clock=clock) as v3:
            try:
                check_account(journal, v3)
            except V3Error as error:
                say_why(outcomes.stops(error) or Stopped(str(error)), wish.way, wish.lang)
                return REFUSED
            kept, settings = wish.settings(journal.value("settings") or {})
            journal.put_value("settings", kept)
            try:
                with _planning(wish) as progress:
                    plan(journal, wish.sources, progress)
            except KeyboardInterrupt:
                click.echo(said("go_on", wish.lang), err=True)
                return INTERRUPTED
            code = _carry_out(wish, Import(journal, v3, settings, pace, clock))
        import_report.show_outcome(journal, wish)
        if wish.html is not None:
            import_report.write_page(journal, wish)
        return code


def say_why(error: Stopped, way: Connection, language: str) -> None:
    """Say why v3 does not let a run go on, and what to check."""
    name = f"stopped {error.advice}" if error.advice else "stopped"
    other = next(one for one in DIALECTS if one != way.dialect)
    values = {"why": error, "variable": way.api_key_env, "other": other}
    click.echo(said(name, language, **values), err=True)


def check_account(journal: Journal, v3: V3Client) -> None:
    """Bind a new journal to the account, and refuse another one; raises `WrongAccount`."""
    account, known = identity(v3), journal.account
    if known is None:
        journal.put_value("account", account)
    elif known != account:
        raise WrongAccount(
            f"{journal.location} belongs to another inFakt account than this API key. Take that "
            "account's key, or begin a new journal."
        )


def _carry_out(wish: Wish, run: Import) -> int:
    """Run the import, watched and interruptible; gives the exit code."""
    journal = run.journal
    rejected, total = _rejected(journal, wish)
    if _too_many(wish, rejected, total):
        click.echo(said("too_many", wish.lang, rejected=rejected, total=total), err=True)
        return STOPPED
    cost = _cost(journal, run.settings, wish)
    stopped = threading.Event()

    def watch(snapshot: Snapshot) -> None:
        show(snapshot)
        if _too_many(wish, rejected + snapshot.rejected, total):
            stopped.set()
            run.stop()

    run.watch = watch
    try:
        with watching(cost.documents, cost.seconds, wish.lang) as show, _interruptible(run, wish):
            run.run()
    except Stopped as error:
        say_why(error, wish.way, wish.lang)
        return REFUSED
    if stopped.is_set():
        rejected, _ = _rejected(journal, wish)
        click.echo(said("too_many", wish.lang, rejected=rejected, total=total), err=True)
        return STOPPED
    if run.stopped:
        click.echo(said("go_on", wish.lang), err=True)
        return INTERRUPTED
    return _outcome(journal, wish, run.settings.clients)


def _outcome(journal: Journal, wish: Wish, clients: str) -> int:
    """Give the exit code of a run that came to its end: that of its own sources."""
    open_ones = (State.REJECTED, State.UNKNOWN, State.SENT)
    totals = _totals(journal, wish)
    left = any(one.state in open_ones or wish.owing(one) for one in totals)
    left = left or _waiting(journal, wish, clients)
    return UNREADABLE if _broken(journal, wish) else REJECTED if left else DONE


def _waiting(journal: Journal, wish: Wish, clients: str) -> bool:
    """Say whether documents that were chosen wait for others, which were not or are not settled."""
    passed_over = ("",) if clients == "match" else ("", CLIENTS)
    chosen = _totals(journal, wish, wish.only.where())
    return any(one.state is State.PLANNED and one.family not in passed_over for one in chosen)


def _totals(journal: Journal, wish: Wish, *which: ColumnElement[bool]) -> list[Totals]:
    return journal.totals((source.place for source in journal.named(wish.names)), *which)


def _rejected(journal: Journal, wish: Wish) -> tuple[int, int]:
    totals = _totals(journal, wish)
    rejected = sum(one.count for one in totals if one.state is State.REJECTED)
    return rejected, sum(one.count for one in totals)


def _too_many(wish: Wish, rejected: int, total: int) -> bool:
    """Say whether more is rejected than allowed; how many there are in all is known."""
    from infakt_compat.migrate.account import Account

    account = Account(read=total, rejected=rejected)
    return wish.limit is not None and wish.limit.exceeded(account, at_end=True)


def _broken(journal: Journal, wish: Wish) -> bool:
    return any(source.faults for source in journal.named(wish.names))


@define
class _Reading:
    """What is told how far the sources are read."""

    progress: Progress


@contextmanager
def _planning(wish: Wish) -> Iterator[Progress]:
    """Show a bar while the sources are read, on a terminal only."""
    reading = _Reading(lambda _bytes, _documents: None)
    if sys.stderr is None or not sys.stderr.isatty():
        yield reading.progress
        return
    from infakt_compat.cli.progress import bar

    with bar(reading, sum(source.size() for source in wish.sources), wish.lang):
        yield lambda read, documents: reading.progress(read, documents)


@contextmanager
def _interruptible(run: Import, wish: Wish) -> Iterator[None]:
    """Finish what is in flight at the first Ctrl-C, and end at once at the second."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        del number, frame
        if run.stopped:
            # Whatever is in flight stands in the journal as sent: the next run looks for it.
            os._exit(INTERRUPTED)
        run.stop()
        count = run.snapshot().in_flight
        click.echo(said("finishing", wish.lang, count=count), err=True)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, interrupt) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
