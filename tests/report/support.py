"""Reports to show: one of every kind of content, with texts that would do harm."""

from datetime import UTC, datetime

from infakt_compat.migrate.report.model import (
    Count,
    Difference,
    Finding,
    Outcome,
    Place,
    Reason,
    Rejected,
    Report,
)
from infakt_compat.migrate.report.sums import Sums

EVIL = "<script>document.title='evil'</script>\"'&\x1b[2J"
WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def sums(months: int, shift: int = 0) -> Sums:
    """Give the sums of some months: two kinds, two currencies, a month below zero."""
    found = Sums()
    for month in range(months):
        day = f"{2012 + month // 12}-{month % 12 + 1:02d}-05"
        net = 123456 * (month + 1) + shift
        line = {"tax_symbol": "23", "net_price": net, "tax_price": 10, "gross_price": net + 10}
        for kind, sign in (("vat", 1), ("proforma", 1), ("correction", -3 if month == 1 else 0)):
            totals = {name: line[name] * sign for name in ("net_price", "gross_price")}  # type: ignore[operator]
            record = {"invoice_date": day, "kind": kind, "tax_price": 10, **totals}
            found.add({**record, "currency": "PLN", "services": [line]})
    found.add({"kind": "vat", "currency": EVIL, "gross_price": 5, "services": []})
    return found


def report(kind: str = "verify", language: str = "en", rows: int = 30, months: int = 14) -> Report:
    """Give a report with everything that one can hold."""
    made = Report(kind, language, WHEN, Outcome("attention", f"Outcome {EVIL}", "Advice."))
    made.subjects = [f"archive-{number}.xml" for number in range(8)]
    made.counts = [Count("read", 1234567), Count("good", 5, "good"), Count("bad", 7, "bad")]
    made.sums = sums(months)
    made.sums_v3 = sums(months, 1) if kind == "verify" else None
    for code, level in (("money.rounded", "warning"), ("number.gap", "info"),
                        ("services.required", "fault"), ("of.nobody", "fault")):  # fmt: skip
        finding = Finding(code, level)
        for number in range(7):
            finding.add(Place(EVIL, number, f"{number}/01/2012", f"services[{number}].a", EVIL))
        finding.came("other")
        made.findings.append(finding)
    for number in range(rows):
        place = Place("archive.xml", number + 1, f"{rows - number}/05/2013")
        reasons = (Reason("services.required", "services"), Reason("v3.refused", "name", EVIL))
        made.rejects.add(Rejected(place, reasons))
        code = "totals.rounding" if number % 2 else ""
        where = Place("archive.xml", number + 1, f"{number}/06/2013", "razem_brutto")
        made.differences.add(Difference(where, f"{number}.5", EVIL, code))
    return made
