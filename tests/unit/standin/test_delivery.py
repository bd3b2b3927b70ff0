"""PDF, e-mail, links and attachments (v3-wire 4.4, 6)."""

from __future__ import annotations

import re

import pytest
import requests

from infakt_compat.standin import pdf

from .conftest import ROW, Api


def read_pdf(data: bytes) -> dict[int, bytes]:
    """Follow startxref and the table to the objects; anything that does not fit fails."""
    assert data.startswith(b"%PDF-1.4\n")
    assert data.endswith(b"%%EOF\n")
    found = re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)
    assert found
    table = data[int(found.group(1)) :]
    head = re.match(rb"xref\n0 (\d+)\n", table)
    assert head
    size = int(head.group(1))
    entries = [table[head.end() + 20 * n : head.end() + 20 * (n + 1)] for n in range(size)]
    assert entries[0] == b"0000000000 65535 f \n"
    objects = {}
    for number, entry in enumerate(entries[1:], 1):
        assert re.fullmatch(rb"\d{10} 00000 n \n", entry)
        start = int(entry[:10])
        end = data.index(b"endobj", start)
        assert data[start:end].startswith(b"%d 0 obj\n" % number)
        objects[number] = data[start:end]
    trailer = table[head.end() + 20 * size :]
    assert b"/Size %d /Root 1 0 R" % size in trailer
    return objects


def test_pdf_is_real(api: Api) -> None:
    """Raw bytes of one page with the number, found through its xref (v3-wire 6)."""
    made = api.invoice(client_company_name="Zażółć (gęślą) \\ Łódź", number="16/03/2023")
    response = api.get(f"/invoices/{made['uuid']}/pdf.json", document_type="original")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    objects = read_pdf(response.content)
    assert b"/Type /Catalog /Pages 2 0 R" in objects[1]
    assert b"/Count 1" in objects[2]
    found = re.search(rb"/Length (\d+) >>\nstream\n(.*)\nendstream", objects[4], re.DOTALL)
    assert found
    assert len(found.group(2)) == int(found.group(1))
    assert b"(Faktura 16/03/2023) Tj" in found.group(2)
    assert rb"(Zazolc \(gesla\) \\ Lodz) Tj" in found.group(2)
    assert b"(12.30 PLN) Tj" in found.group(2)
    assert pdf.plain("Łódź") == "Lodz"


def test_pdf_of_a_negative_amount_in_english(api: Api) -> None:
    """Corrections have them."""
    made = api.invoice(services=[{**ROW, "unit_net_price": -5, "tax_symbol": "np"}])
    body = {"document_type": "regular", "locale": "en"}
    response = api.call("GET", f"/invoices/{made['uuid']}/pdf.json", json=body)
    assert b"(-0.05 PLN) Tj" in response.content
    assert b"(Invoice " in response.content


@pytest.mark.parametrize(
    "params", [{}, {"document_type": "org"}, {"document_type": "copy", "locale": "de"}]
)
def test_pdf_parameters(api: Api, params: dict[str, str]) -> None:
    """document_type is required, both are closed sets (v3-wire 6)."""
    uuid = api.invoice()["uuid"]
    assert api.get(f"/invoices/{uuid}/pdf.json", **params).status_code == 400
    assert api.get(f"/invoices/{uuid}.json").json()["status"] == "draft"


def test_statuses_by_pdf_and_email(api: Api) -> None:
    """PDF makes printed, e-mail makes sent, paid stays paid (v3-wire 4.4)."""
    uuid = api.invoice()["uuid"]
    path = f"/invoices/{uuid}"

    def status() -> str:
        return str(api.get(f"{path}.json").json()["status"])

    api.get(f"{path}/pdf.json", document_type="original")
    assert status() == "printed"
    sent = api.post(f"{path}/deliver_via_email.json", {"recipient": "a@example.com"})
    assert (sent.status_code, sent.content) == (202, b"")
    assert status() == "sent"
    api.get(f"{path}/pdf.json", document_type="original")
    assert status() == "printed"
    api.post(f"{path}/paid.json")
    api.get(f"{path}/pdf.json", document_type="original")
    assert status() == "paid"


def test_email_needs_an_address(api: Api) -> None:
    """The client's, or one in the body (v3-wire 2.2, 6)."""
    mute, known = api.client(), api.client(company_name="B", email="a@example.com")
    uuid = api.invoice(client_id=mute["id"])["uuid"]
    path = f"/invoices/{uuid}/deliver_via_email.json"
    refused = api.post(path, {"print_type": "original"})
    assert refused.status_code == 422
    assert "adres e-mail Klienta jest nieznany" in refused.json()["error"]
    assert api.get(f"/invoices/{uuid}.json").json()["status"] == "draft"
    other = api.invoice(client_id=known["id"])["uuid"]
    assert api.post(f"/invoices/{other}/deliver_via_email.json").status_code == 202
    for wrong in ({"print_type": "x"}, {"locale": "x"}):
        assert api.post(path, {"recipient": "a@example.com", **wrong}).status_code == 400


def test_emails_a_day(fixed: Api) -> None:
    """A plan's limit, anew each day (v3-wire 2.3)."""
    fixed.standin.configure("plan", emails_per_day=1)
    path = f"/invoices/{fixed.invoice()['uuid']}/deliver_via_email.json"
    body = {"recipient": "a@example.com"}
    assert fixed.post(path, body).status_code == 202
    refused = fixed.post(path, body)
    assert (refused.status_code, set(refused.json())) == (403, {"error"})
    fixed.standin.configure("clock", advance=86400)
    assert fixed.post(path, body).status_code == 202


def test_xml_of_a_draft_books_it(api: Api) -> None:
    """An XML file; the draft is one no longer (v3-wire 6)."""
    made = api.invoice(number="<1>", status="draft")
    path = f"/invoices/{made['uuid']}"
    response = api.get(f"{path}/download_xml.json")
    assert response.headers["Content-Type"] == "application/xml"
    assert "<P_2>&lt;1&gt;</P_2><P_15>12.30</P_15>" in response.text
    assert api.get(f"{path}.json").json()["status"] == "printed"
    api.put(f"{path}.json", {"invoice": {"status": "sent"}})
    assert api.get(f"/ksef2/documents/{made['uuid']}/download_xml.json").status_code == 200
    assert api.get(f"{path}.json").json()["status"] == "sent"


def test_share_links(fixed: Api) -> None:
    """Made, shown, prolonged by thirty days and ended (v3-wire 6)."""
    uuid = fixed.invoice()["uuid"]
    path = f"/invoices/{uuid}/share_links"
    assert fixed.get(f"{path}.json").status_code == 404
    assert fixed.post(f"{path}/prolong.json").status_code == 422
    assert fixed.delete(f"{path}.json").status_code == 422
    made = fixed.post(f"{path}.json")
    assert made.status_code == 201
    assert made.json()["expiration_date"] == "2023-04-07"
    assert fixed.post(f"{path}.json").json() == made.json()
    assert fixed.get(f"{path}.json").json() == made.json()
    later = fixed.post(f"{path}/prolong.json")
    assert later.json() == {**made.json(), "expiration_date": "2023-05-07"}
    shares = fixed.get(f"/invoices/{uuid}.json").json()["extensions"]["shares"]
    assert shares == {
        "link": made.json()["share_link"], "available": True, "valid_until": "2023-05-07",
    }  # fmt: skip
    ended = fixed.delete(f"{path}.json")
    assert ended.json() == {"message": "Udostępnianie faktury zostało wyłączone."}
    assert fixed.get(f"{path}.json").status_code == 404


def test_share_links_by_plan(api: Api) -> None:
    """403 where the plan has none (v3-wire 6)."""
    api.standin.configure("plan", share_links=False)
    uuid = api.invoice()["uuid"]
    assert api.post(f"/invoices/{uuid}/share_links.json").status_code == 403
    extensions = api.get(f"/invoices/{uuid}.json").json()["extensions"]
    assert extensions["shares"]["available"] is False


def test_quick_payments(api: Api) -> None:
    """201, 200, 204; for unpaid VAT invoices (v3-wire 6)."""
    uuid = api.invoice()["uuid"]
    path = f"/invoices/{uuid}/quick_payments.json"
    assert api.get(path).status_code == 404
    assert api.delete(path).status_code == 404
    made = api.post(path)
    assert (made.status_code, list(made.json())) == (201, ["payment_link"])
    assert api.post(path).json() == made.json() == api.get(path).json()
    link = api.get(f"/invoices/{uuid}.json").json()["extensions"]["payments"]["link"]
    assert link == made.json()["payment_link"]
    assert api.delete(path).status_code == 204
    proforma = api.invoice(kind="proforma")["uuid"]
    assert api.post(f"/invoices/{proforma}/quick_payments.json").status_code == 422
    api.post(f"/invoices/{uuid}/paid.json")
    assert api.post(path).status_code == 422


def test_attachments(api: Api) -> None:
    """A list, an object, and a link that lives ten minutes (v3-wire 3.3, 6)."""
    made, other = api.invoice(), api.invoice()
    content = {"name": "a.txt", "content_type": "text/plain", "content": "Zażółć"}
    api.standin.seed(attachments=[{"document_id": made["id"], **content}])
    path = f"/invoices/{made['uuid']}/attachments"
    page = api.get(f"{path}.json").json()
    assert page["metainfo"]["next"].endswith("/attachments.json?offset=10")
    entity = page["entities"][0]
    assert list(entity) == ["id", "name", "content_type", "download_link"]
    shown = api.get(f"{path}/{entity['id']}.json").json()
    assert shown["name"] == "a.txt"
    assert requests.get(entity["download_link"], timeout=5).content.decode() == "Zażółć"
    api.standin.configure("clock", advance=601)
    assert requests.get(entity["download_link"], timeout=5).status_code == 403
    assert api.get(f"/invoices/{other['uuid']}/attachments.json").json()["entities"] == []
    assert api.get(f"/invoices/{other['uuid']}/attachments/{entity['id']}.json").status_code == 404
    assert api.get(f"{path}/x.json").status_code == 404
    for odd in ("99?expires=1", "x?expires=1", f"{entity['id']}?expires=x"):
        url = f"{api.standin.control}/attachments/{odd}"
        assert requests.get(url, timeout=5).status_code == 404
