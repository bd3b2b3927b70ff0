"""What the report page says by itself, in English and Polish."""

import re

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "check": "Check before the move",
        "import": "Import into v3",
        "verify": "Proof of the move",
        "made": "made",
        "search": "Search in all tables",
        "hits": "rows shown",
        "summary": "Summary",
        "sums": "Sums by month",
        "rates": "Sums by VAT rate",
        "findings": "Notices and reasons",
        "rejects": "Documents that are not created",
        "rejects_verify": "Documents that were not created, or are not known",
        "differences": "Differences",
        "month": "month",
        "kind": "kind",
        "currency": "currency",
        "rate": "VAT rate",
        "documents": "documents",
        "lines": "lines",
        "net": "net",
        "tax": "VAT",
        "gross": "gross",
        "undated": "no date",
        "no_rate": "none",
        "in_v3": "in v3",
        "chart_month": "Gross by month, {currency}, proformas left out",
        "chart_year": "Gross by year, {currency}, proformas left out",
        "subjects": "Sources",
        "source_bar": "archive",
        "v3_bar": "v3",
        "number": "number",
        "place": "where",
        "document": "document",
        "line": "line",
        "reasons": "why",
        "todo": "what to do",
        "fields": "fields",
        "examples": "examples",
        "field": "field",
        "archive_value": "in the archive",
        "v3_value": "in v3",
        "explained": "why",
        "defect": "nothing explains it",
        "more": "{shown} of {total} are shown; the others are counted above.",
        "none_rejected": "Every document can be created.",
        "none_rejected_import": "No document was rejected.",
        "none_rejected_verify": "According to the journal, every document was created.",
        "none_different": "Everything is the same.",
        "level_fault": "reason for refusal",
        "level_warning": "warning",
        "level_info": "for information",
        "kind_vat": "VAT invoices",
        "kind_proforma": "proformas",
        "kind_correction": "corrections",
        "kind_margin": "margin invoices",
        "kind_advance": "advance invoices",
        "kind_final": "final invoices",
        "kind_": "other",
        "foot": "Made by infakt-compat. This page holds names and amounts: keep it as you keep the "
        "invoices. It works without network and loads nothing.",
        "margin_note": "Margin invoices have neither net nor VAT and count in gross only.",
    },
    "pl": {
        "check": "Sprawdzenie przed przeniesieniem",
        "import": "Import do v3",
        "verify": "Dowód przeniesienia",
        "made": "sporządzono",
        "search": "Szukaj we wszystkich tabelach",
        "hits": "pokazanych wierszy",
        "summary": "Podsumowanie",
        "sums": "Sumy według miesięcy",
        "rates": "Sumy według stawek VAT",
        "findings": "Uwagi i powody",
        "rejects": "Dokumenty, które nie zostaną utworzone",
        "rejects_verify": "Dokumenty, których nie utworzono lub o których nie wiadomo",
        "differences": "Różnice",
        "month": "miesiąc",
        "kind": "rodzaj",
        "currency": "waluta",
        "rate": "stawka VAT",
        "documents": "dokumenty",
        "lines": "pozycje",
        "net": "netto",
        "tax": "VAT",
        "gross": "brutto",
        "undated": "bez daty",
        "no_rate": "brak",
        "in_v3": "w v3",
        "chart_month": "Brutto według miesięcy, {currency}, bez pro form",
        "chart_year": "Brutto według lat, {currency}, bez pro form",
        "subjects": "Źródła",
        "source_bar": "archiwum",
        "v3_bar": "v3",
        "number": "numer",
        "place": "gdzie",
        "document": "dokument",
        "line": "pozycja",
        "reasons": "dlaczego",
        "todo": "co zrobić",
        "fields": "pola",
        "examples": "przykłady",
        "field": "pole",
        "archive_value": "w archiwum",
        "v3_value": "w v3",
        "explained": "dlaczego",
        "defect": "nic tego nie wyjaśnia",
        "more": "Pokazano {shown} z {total}; pozostałe są policzone powyżej.",
        "none_rejected": "Wszystkie dokumenty można utworzyć.",
        "none_rejected_import": "Żaden dokument nie został odrzucony.",
        "none_rejected_verify": "Według dziennika utworzono wszystkie dokumenty.",
        "none_different": "Wszystko się zgadza.",
        "level_fault": "powód odrzucenia",
        "level_warning": "ostrzeżenie",
        "level_info": "informacja",
        "kind_vat": "faktury VAT",
        "kind_proforma": "pro formy",
        "kind_correction": "korekty",
        "kind_margin": "faktury marża",
        "kind_advance": "faktury zaliczkowe",
        "kind_final": "faktury końcowe",
        "kind_": "inne",
        "foot": "Sporządzono programem infakt-compat. Strona zawiera nazwy i kwoty: przechowuj ją "
        "tak jak faktury. Działa bez sieci i niczego nie pobiera.",
        "margin_note": "Faktury marża nie mają netto ani VAT i liczą się tylko w brutto.",
    },
}


_LINE = re.compile(r"services\[([0-9]+)\](?:\.(.+))?")


def field_name(path: str, language: str) -> str:
    """Name a field as a reader counts: `services[0].jm` is `jm` of the first line."""
    words = WORDS[language]
    found = _LINE.fullmatch(path)
    if found is None:
        return words["lines"] if path == "services" else path
    line = words["line"] + f" {int(found[1]) + 1}"
    return f"{line}: {found[2]}" if found[2] else line


def amount(grosze: int, language: str) -> str:
    """Write grosze as an amount with two decimals, as the language does."""
    sign = "\u2212" if grosze < 0 else ""
    whole, rest = divmod(abs(grosze), 100)
    if language == "pl":
        return f"{sign}{whole:,}".replace(",", "\u00a0") + f",{rest:02}"
    return f"{sign}{whole:,}.{rest:02}"


def whole(number: int, language: str) -> str:
    """Write a number with its thousands apart."""
    text = f"{number:,}"
    return text.replace(",", "\u00a0") if language == "pl" else text
