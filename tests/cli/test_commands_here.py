"""Commands run in this process, where their lines are counted."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from infakt_compat.cli.main import group

SAMPLES = Path(__file__).parents[2] / "legacy_samples"


def invoke(*arguments: str) -> tuple[int, str]:
    """Run a command: what it returned or its exit code, and all that it said."""
    result = CliRunner().invoke(group, arguments, standalone_mode=False)
    code = getattr(result.exception, "exit_code", result.return_value)
    message = getattr(result.exception, "message", "")
    return code, result.output + message


@pytest.mark.parametrize("name", ["invoice", "service", "client"])
def test_the_table_of_a_resource(name: str) -> None:
    """A rule a row, with its reason, and what the arrows mean."""
    code, said = invoke("mapping", name)
    assert code == 0
    assert f"{name} (mappings/" in said
    assert "written only" in said


def test_every_table() -> None:
    """Without a name, all three."""
    code, said = invoke("mapping")
    assert code == 0
    assert all(title in said for title in ("invoice (", "service (", "client ("))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("status", ["niezapłacona -> printed (kept, and comes back)", "wydrukowana <-> printed"]),
        ("tax_symbol", ["np (stands in) <- oo", "2011-01-01", "2010-12-31"]),
        ("podstawa_zwolenienia", ["vat_exemption_reason", "also written"]),
        ("data_sprzedazy", ["invoice_date stands in", "only advance"]),
        ("uuid", ["(nothing in v2)"]),
        ("product_id", ["(nothing in v3: kept in the residue)"]),
        ("data_oplacenia", ["v2 took it and never showed it"]),
    ],
)
def test_all_that_is_known_of_a_field(name: str, words: list[str]) -> None:
    """By its v2 or v3 name, with values, kinds and reasons."""
    code, said = invoke("mapping", name)
    assert code == 0
    for word in words:
        assert word in said


def test_an_unknown_field_is_a_usage_error() -> None:
    """And names that are alike are offered."""
    code, said = invoke("mapping", "satus")
    assert code == 2
    assert "status" in said


@pytest.mark.parametrize(("language", "word"), [("en", "rounded half up"), ("pl", "zaokrąglona")])
def test_the_demo_proves_the_round_trip(language: str, word: str) -> None:
    """Every sample comes back, and the verbs are shown."""
    code, said = invoke("demo", "--lang", language)
    assert code == 0
    assert "came back the same" in said
    assert word in said
    assert "invoices/delete/:id" in said


@pytest.mark.parametrize("form", ["xml", "json", "jsonl"])
def test_a_folder_there_and_back(form: str, tmp_path: Path) -> None:
    """Lines of v3, and v2 in each of its forms; what is refused is kept, and counted."""
    lines, back, rejects = tmp_path / "lines", tmp_path / "back", tmp_path / "rejects"
    summary = tmp_path / "summary.json"
    broken = SAMPLES / "bad" / "nieznany_status.xml"
    given = [str(SAMPLES / "seed_list.json"), str(SAMPLES / "klienci.xml"), str(broken)]
    options = ["-o", str(lines), "--rejects", str(rejects), "--summary", str(summary)]
    code, said = invoke("convert", *given[:1], *given[2:], *options, "--lang", "en")
    assert code == 3
    account = json.loads(summary.read_text())
    assert account["read"] == account["converted"] + account["rejected"] > 1
    assert len(lines.read_text().splitlines()) == account["converted"]
    assert any(rejects.iterdir())
    assert "refused enum.unknown: 1" in said
    code, said = invoke("convert", str(lines), "--to", "v2", "--format", form, "-o", str(back))
    assert code == 0, said
    assert back.stat().st_size > 100


def test_how_else_a_conversion_ends(tmp_path: Path) -> None:
    """Too many rejects, two kinds in one list, an output that cannot be written."""
    bad, out = str(SAMPLES / "bad" / "nieznany_status.xml"), tmp_path / "out"
    code, said = invoke("convert", bad, "-o", str(out), "--max-rejects", "0", "--lang", "en")
    assert (code, "Stopped" in said) == (6, True)
    mixed = [str(SAMPLES / "seed_list.json"), str(SAMPLES / "klienci.xml")]
    code, said = invoke("convert", *mixed, "--format", "json", "-o", str(out), "--lang", "en")
    assert (code, "convert them apart" in said) == (2, True)
    code, said = invoke("convert", *mixed[:1], "-o", str(tmp_path / "no" / "out"))
    assert code == 2
