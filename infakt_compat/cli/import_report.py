"""What an import comes to: counts and findings on stderr, and the report page."""

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import click

from infakt_compat.cli.findings import write_findings
from infakt_compat.cli.import_words import lasting, said
from infakt_compat.cli.words import counted
from infakt_compat.migrate.journal import Journal, State
from infakt_compat.migrate.journal.findings import findings
from infakt_compat.v3.api import DIALECTS

if TYPE_CHECKING:
    from infakt_compat.cli.import_run import Wish
    from infakt_compat.migrate.importing.foreseen import Foreseen
    from infakt_compat.migrate.planning.estimate import Estimate
    from infakt_compat.migrate.planning.rehearsal import Rehearsal
    from infakt_compat.v3 import Quota

_SPANS = {60: "minute", 3600: "hour", 86_400: "day"}


def _line(label: str, number: int, language: str) -> None:
    click.echo(f"{label:<28}{counted(number, language):>9}", err=True)


def show_plan(made: "Rehearsal", foreseen: "Foreseen", cost: "Estimate", wish: "Wish") -> None:
    """Show what an import would do."""
    journal, language = made.journal, wish.lang
    _sources(journal, wish)
    rejected = sum(one.count for one in journal.totals() if one.state is State.REJECTED)
    _line(said("to_create", language), cost.documents, language)
    for kind, count in sorted(cost.creates.items()):
        _line(f"  {said(f'kind {kind}', language)}", count, language)
        if kind == "correction" and cost.unproven:
            _line(f"    {said('unproven', language)}", cost.unproven, language)
    if cost.clients:
        _line(said("clients", language), cost.clients, language)
    _line(said("rejected", language), rejected - foreseen.refused, language)
    if foreseen.refused:
        _line(said("refused", language), foreseen.refused, language)
    if made.known:
        _line(said("in_journal", language), made.known.total(), language)
        for state, count in sorted(made.known.items()):
            _line(f"  {said(f'state {state}', language)}", count, language)
    if made.others:
        _line(said("others", language), made.others, language)
    quota = getattr(DIALECTS[wish.way.dialect].limits, cost.binding)
    numbers = {"writes": counted(cost.writes, language), "reads": counted(cost.reads, language)}
    limit, time = _limit(quota, cost.binding, language), lasting(cost.seconds, language)
    click.echo("", err=True)
    click.echo(said("calls", language, **numbers, limit=limit, time=time), err=True)
    write_findings(foreseen.said, language, err=True)
    if foreseen.refused:
        click.echo(f"\n{said('foreseen', language)}", err=True)
        write_findings(foreseen.refusals, language, err=True)
    click.echo(f"\n{said('dry', language)}", err=True)


def _limit(quota: "Quota", side: str, language: str) -> str:
    """Name v3's limits of a side: `writes: 10 a minute, 100 an hour`."""
    spans = [
        f"{window.room} {said(_SPANS.get(round(window.seconds), 'minute'), language)}"
        for window in quota.windows
    ]
    return f"{said(side, language)}: {', '.join(spans)}"


def _sources(journal: Journal, wish: "Wish") -> None:
    listed, language = journal.named(wish.names), wish.lang
    _line(said("read", language), sum(one.documents for one in listed), language)
    if repeats := sum(one.repeats for one in listed):
        _line(said("repeats", language), repeats, language)


def show_outcome(journal: Journal, wish: "Wish") -> None:
    """Show what an import has done so far with its sources, and what there is to say of them."""
    language = wish.lang
    _sources(journal, wish)
    counts = outcome(journal, wish)
    for name in ("created", "already", "owing", "rejected", "unknown", "open", "left"):
        if counts[name] or name in ("created", "rejected"):
            _line(said(name, language), counts[name], language)
    for name, count in zip(("clients_created", "clients_matched"), journal.clients(), strict=True):
        if count:
            _line(said(name, language), count, language)
    if counts["others"]:
        _line(said("others", language), counts["others"], language)
    write_findings(findings(journal, wish.names), language, err=True)
    if counts["open"]:
        click.echo(f"\n{said('unsettled', language)}", err=True)
    if counts["rejected"]:
        click.echo(f"\n{said('rejects_hint', language, where=journal.location)}", err=True)


def outcome(journal: Journal, wish: "Wish") -> Counter[str]:
    """Count the documents of the sources by what became of them, and those of other sources."""
    counts: Counter[str] = Counter()
    names = {
        State.REJECTED: "rejected", State.UNKNOWN: "unknown", State.SENT: "open",
        State.PLANNED: "left",
    }  # fmt: skip
    own = journal.totals(source.place for source in journal.named(wish.names))
    every = sum(one.count for one in journal.totals())
    counts["others"] = every - sum(one.count for one in own)
    for one in own:
        if one.state is State.DONE:
            counts["created"] += one.count - one.already
            counts["already"] += one.already
            counts["owing"] += wish.owing(one)
        else:
            counts[names[one.state]] += one.count
    return counts


def write_page(journal: Journal, wish: "Wish", foreseen: "Foreseen | None" = None) -> None:
    """Write the report page, of a dry run where something is foreseen; raises `OutputFailed`."""
    from infakt_compat.migrate.importing.reporting import fill
    from infakt_compat.migrate.report.model import Count, Outcome, Report
    from infakt_compat.migrate.report.page import write_html

    language, counts = wish.lang, outcome(journal, wish)
    assert wish.html is not None
    level, sentence, advice = _verdict(counts, foreseen)
    report = Report(
        "import", language, datetime.now().astimezone(),
        Outcome(level, said(sentence, language), said(advice, language) if advice else ""),
    )  # fmt: skip
    report.subjects = [source.name for source in journal.named(wish.names)]
    if foreseen is None:  # a rehearsal's is gone
        report.subjects.append(f"{said('journal', language)}: {journal.location}")
    levels = {
        "rejected": "bad",
        "refused": "bad",
        "unknown": "bad",
        "open": "attention",
        "left": "attention",
    }
    levels |= {"created": "good", "owing": "attention"}
    names = ["created", "already", "owing", "rejected", "unknown", "open", "left"]
    if foreseen is not None:
        counts["rejected"] -= foreseen.refused
        counts["refused"] = foreseen.refused
        names.insert(names.index("rejected") + 1, "refused")
    for name in names:
        label = said("to_create" if foreseen and name == "left" else name, language).strip()
        report.counts.append(Count(label, counts[name], levels.get(name, "")))
    fill(report, journal, wish.names)
    if foreseen is not None:
        known = {one.code for one in report.findings}
        report.findings += [one for one in foreseen.said if one.code not in known]
    write_html(report, wish.html)


def _verdict(counts: Counter[str], foreseen: "Foreseen | None") -> tuple[str, str, str]:
    if foreseen is not None:
        return "attention", "report_dry", "dry"
    if counts["left"] or counts["open"]:
        return "attention", "report_attention", "report_again"
    if counts["rejected"]:
        return "bad", "report_bad", "report_advice"
    if counts["unknown"]:
        return "bad", "report_unknown", "report_look"
    if counts["owing"]:
        return "attention", "report_attention", "report_again"
    return "good", "report_good", ""
