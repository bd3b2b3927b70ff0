"""The rules that read answers, without a socket (v3-wire 2.2)."""

import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from infakt_compat.errors import InfaktCompatError
from infakt_compat.money import NumberText
from infakt_compat.v3 import (
    BadRequest,
    BrokenAnswer,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    LimitReached,
    Locked,
    NotFound,
    OutcomeUnknown,
    PlanLimit,
    Refused,
    Unauthorized,
    V3Error,
    WrongFormat,
)
from infakt_compat.v3 import errors as all_errors
from infakt_compat.v3.answers import Answer, Call, Silence, judge, pdf, record, retry_after, said

NOW = 1_800_000_000.0
READ = Call("GET", "/invoices.json", record)
WRITE = Call("POST", "/invoices.json", record)


def answer(status: int, body: str | bytes, **headers: str) -> Answer:
    """Make an answer."""
    content = body.encode() if isinstance(body, str) else body
    return Answer(status, headers, content)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (401, Unauthorized),
        (402, PlanLimit),
        (403, Forbidden),
        (404, NotFound),
        (406, WrongFormat),
        (409, Conflict),
        (410, Gone),
        (422, Invalid),
        (423, Locked),
        (429, LimitReached),
        (418, Refused),
    ],
)
@pytest.mark.parametrize("call", [READ, WRITE])
def test_types(call: Call[Any], status: int, kind: type[Refused]) -> None:
    """Each status has its type, for reads and writes alike, with v3's words."""
    with pytest.raises(Refused) as caught:
        judge(call, answer(status, '{"error":"Nie."}'), NOW)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.text, caught.value.json) == (status, "Nie.", True)
    assert str(caught.value) == f"{call}: {status} Nie."


@pytest.mark.parametrize(
    ("body", "text", "fields"),
    [
        ('{"error":"Nie."}', "Nie.", {}),
        (
            '{"error":"Nie.","errors":{"bank_name":["a","b"],"base":"c"}}',
            "Nie.",
            {"bank_name": ["a", "b"], "base": ["c"]},
        ),
        ('{"errors":{"services.gross":["a"]}}', "", {"services.gross": ["a"]}),
        ('{"errors":{"services":{"gross":["a"]}}}', "", {"services.gross": ["a"]}),
        (
            '{"errors":{"services":[{"name":["a"]},{"name":"b"}]}}',
            "",
            {"services[0].name": ["a"], "services[1].name": ["b"]},
        ),
        ('{"errors":["a","b"]}', "", {"base": ["a", "b"]}),
        ('{"errors":[["a"],{"x":"b"}]}', "", {"base": ["a"], "x": ["b"]}),
        ('{"errors":"a"}', "", {"base": ["a"]}),
        ('{"errors":null}', "", {}),
        ('{"errors":{"x":null,"y":[]}}', "", {}),
        ('{"errors":{"x":[1,1.50,true]}}', "", {"x": ["1", "1.50", "True"]}),
        ('{"error":{"x":["a"]},"errors":{"y":"b"}}', "", {"x": ["a"], "y": ["b"]}),
        ('{"error":["a"]}', "", {"base": ["a"]}),
        ('{"message":"m"}', "m", {}),
        ('{"error":null,"message":"m"}', "m", {}),
        ('{"status":500,"error":"Internal Server Error"}', "Internal Server Error", {}),
    ],
)
def test_shapes(body: str, text: str, fields: dict[str, list[str]]) -> None:
    """Whatever shape errors have, they become fields with lists of texts."""
    assert said(answer(422, body)) == (text, fields, True)
    with pytest.raises(Invalid) as caught:
        judge(READ, answer(422, body), NOW)
    assert caught.value.fields == fields


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xfe", b"null", b'{"error":', b"[" * 100_000, b'"text"', b"1"],
)
def test_no_json(body: bytes) -> None:
    """Bodies that are no JSON object do no harm, and are known for what they are."""
    with pytest.raises(NotFound) as caught:
        judge(WRITE, answer(404, body), NOW)
    assert not caught.value.json
    assert caught.value.status == 404


def test_a_list_of_errors() -> None:
    """A body that is a list of texts is read as well as it can be."""
    assert said(answer(422, '["a"]')) == ("", {"base": ["a"]}, False)


def test_broken_off() -> None:
    """A refusal whose body broke off is a refusal; a success is not."""
    cut = Answer(404, {}, b'{"error":"Ni', whole=False)
    with pytest.raises(NotFound):
        judge(WRITE, cut, NOW)
    with pytest.raises(OutcomeUnknown) as caught:
        judge(WRITE, Answer(201, {}, b'{"id":1}', whole=False), NOW)
    assert caught.value.done


def test_exact_numbers() -> None:
    """Fractions stay as they are written, and a mark of byte order does no harm."""
    got = judge(READ, answer(200, b'\xef\xbb\xbf{"quantity":1.10,"net_price":6623}'), NOW)
    assert got == {"quantity": "1.10", "net_price": 6623}
    assert type(got["quantity"]) is NumberText
    assert type(got["net_price"]) is int


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_every_success(status: int) -> None:
    """Any 2xx is success (v3-wire 1.2: 201 and 202 are both said)."""
    assert judge(WRITE, answer(status, "{}"), NOW) == {}


def date(seconds: float) -> str:
    """Write a date of HTTP."""
    moment = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=seconds)
    return format_datetime(moment, usegmt=True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("999999999", 3600),
        ("9" * 400, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("7 s", None),
        ("1e999", None),
        (date(90), 90),
        (date(-90), 0),
        (date(1e6), 3600),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    """Seconds or a date; capped at an hour; what is neither is as if it were not there."""
    assert retry_after({"Retry-After": text}, NOW) == seconds


def test_retry_after_by_v3s_own_clock() -> None:
    """A date is compared with the answer's own, whatever our clock says."""
    assert retry_after({"Retry-After": date(500), "Date": date(470)}, NOW) == 30
    assert retry_after({"Retry-After": date(500), "Date": "?"}, NOW) == 500
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(("call", "status"), [(READ, 429), (WRITE, 429), (READ, 503)])
def test_limits(call: Call[Any], status: int) -> None:
    """429 is v3's limit for reads and writes, 503 for reads."""
    limited = Answer(status, {"Retry-After": "5"}, b'{"error":"Wolniej."}')
    with pytest.raises(LimitReached) as caught:
        judge(call, limited, NOW)
    assert caught.value.retry_after == 5
    assert caught.value.text == "Wolniej."


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "5"}, 5), ({}, None)])
def test_503(headers: dict[str, str], seconds: float | None) -> None:
    """A proxy's 503 may come after v3 has worked: a write's is in doubt, a read's a limit."""
    said = Answer(503, headers, b"<html>")
    with pytest.raises(OutcomeUnknown) as unknown:
        judge(WRITE, said, NOW)
    assert unknown.value.retry_after == seconds
    with pytest.raises(LimitReached) as caught:
        judge(READ, said, NOW)
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("call", "sent", "kind"),
    [
        (READ, True, "NoAnswer"),
        (READ, False, "Unreachable"),
        (WRITE, True, "OutcomeUnknown"),
        (WRITE, False, "Unreachable"),
    ],
)
def test_silence(call: Call[Any], sent: bool, kind: str) -> None:
    """What was not sent is no doubt."""
    with pytest.raises(V3Error) as caught:
        judge(call, Silence("ReadTimeout", sent), NOW)
    assert type(caught.value).__name__ == kind
    assert "ReadTimeout" in str(caught.value)


def test_errors_travel() -> None:
    """Every exception goes to another process and back with all that it knows."""
    fields = {"x": ["a"]}
    limit = LimitReached("t", call="c", status=429, fields=fields, retry_after=5.0)
    doubt = OutcomeUnknown("t", call="c", status=201, reference="r", uuid="u")
    for error in (limit, doubt, Invalid("t", fields=fields, reference="r"), V3Error("t")):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
        assert vars(again) == vars(error)


def test_all_are_ours() -> None:
    """Who catches the package's base catches every one, and none is two things at once."""
    kinds = [kind for kind in vars(all_errors).values() if isinstance(kind, type)]
    raised = [kind for kind in kinds if issubclass(kind, Exception)]
    assert all(issubclass(kind, InfaktCompatError) for kind in raised)
    assert not issubclass(OutcomeUnknown, Refused)
    assert len(raised) > 20


@pytest.mark.parametrize(
    ("content", "whole"),
    [(b"%PDF-1.4 half", True), (b"%PDF-1.4 %%EOF", False), (b"<html>%%EOF", True), (b"", True)],
)
def test_half_a_pdf_is_none(content: bytes, whole: bool) -> None:
    """It begins and ends as one, and all of it came."""
    call = Call("GET", "/invoices/a/pdf.json", pdf)
    assert judge(call, Answer(200, {}, b"%PDF-1.4 %%EOF\n"), NOW) == b"%PDF-1.4 %%EOF\n"
    with pytest.raises(BrokenAnswer):
        judge(call, Answer(200, {}, content, whole), NOW)
