"""Nested form bodies as Rails read them; lines that cannot be told apart are refused."""

from typing import Any

import pytest

from infakt_compat import to_v3
from infakt_compat.codecs.tree import Twice
from infakt_compat.codecs.v2_form import read_form
from infakt_compat.errors import ConversionError
from tests.unit.codecs.reading import within

# v2-requests.md, R1: the body of create as a Ruby caller sent it.
R1 = (
    "invoice%5Bclient_id%5D=944835&invoice%5Bdata_sprzedazy%5D=2013-02-28"
    "&invoice%5Bdata_wystawienia%5D=2013-02-28"
    "&invoice%5Bpodpis_sprzedawcy%5D=Krzysztof%20Jab%C5%82o%C5%84ski"
    "&invoice%5Brodzaj_faktury%5D=Faktura%20VAT&invoice%5Bservices%5D%5B%5D%5Bilosc%5D=1"
    "&invoice%5Bservices%5D%5B%5D%5Bnazwa%5D="
    "Projektowanie%20stron%20internetowych%20%2F%20development%20services"
    "&invoice%5Bservices%5D%5B%5D%5Bproduct_id%5D=502973"
    "&invoice%5Bservices%5D%5B%5D%5Bstawka_vat%5D=np"
    "&invoice%5Bservices%5D%5B%5D%5Bwartosc_netto%5D=1980&invoice%5Bsposob_platnosci%5D=Przelew"
    "&invoice%5Bstatus%5D=szkic&invoice%5Buwagi%5D=VAT%20rozlicza%20nabywca%20-%20%22odwrotne%20"
    "obci%C4%85%C5%BCenie%22%20-%20reverse%20charge&invoice%5Bwaluta%5D=EUR"
)
# R2: the same caller with two lines; it sorts its fields.
R2 = (
    "invoice%5Bclient_id%5D=4&invoice%5Bservices%5D%5B%5D%5Bilosc%5D=1"
    "&invoice%5Bservices%5D%5B%5D%5Bilosc%5D=2&invoice%5Bservices%5D%5B%5D%5Bnazwa%5D=Produkt%20A"
    "&invoice%5Bservices%5D%5B%5D%5Bnazwa%5D=Produkt%20B"
    "&invoice%5Bservices%5D%5B%5D%5Bstawka_vat%5D=23&invoice%5Bservices%5D%5B%5D%5Bstawka_vat%5D=8"
)


def refusal(body: str | bytes) -> str:
    """Read a body that must be refused; give the code."""
    with pytest.raises(ConversionError) as caught:
        read_form(body)
    return caught.value.faults[0].code


def test_the_recorded_form_of_one_line() -> None:
    """R1 is an invoice with one line, and converts."""
    tree = read_form(R1.encode())
    assert tree == {
        "invoice": {
            "client_id": "944835",
            "data_sprzedazy": "2013-02-28",
            "data_wystawienia": "2013-02-28",
            "podpis_sprzedawcy": "Krzysztof Jabłoński",
            "rodzaj_faktury": "Faktura VAT",
            "services": [
                {
                    "ilosc": "1",
                    "nazwa": "Projektowanie stron internetowych / development services",
                    "product_id": "502973",
                    "stawka_vat": "np",
                    "wartosc_netto": "1980",
                }
            ],
            "sposob_platnosci": "Przelew",
            "status": "szkic",
            "uwagi": 'VAT rozlicza nabywca - "odwrotne obciążenie" - reverse charge',
            "waluta": "EUR",
        }
    }
    assert to_v3(tree).record["services"][0]["net_price"] == 198000


def test_the_recorded_form_of_two_sorted_lines_is_refused() -> None:
    """R2: nothing says which field belongs to which line."""
    assert refusal(R2.encode()) == "form.ambiguous"


@pytest.mark.parametrize(
    "body",
    [
        "s[][ilosc]=1&s[][nazwa]=A&s[][nazwa]=B",
        "s[][ilosc]=1&s[][ilosc]=2&s[][nazwa]=B",
        "s[][a]=1&s[][a]=2&s[][b]=1&s[][c]=1&s[][c]=2",
        "s[][a]=1&s[][a]=2&s[][a]=3&s[][b]=1&s[][b]=2&s[][b]=3",
        "i[s][][a]=1&i[s][][a]=2&i[s][][b]=1",
    ],
)
def test_sorted_lines_are_refused(body: str) -> None:
    """Every way in which sorted fields of several lines look."""
    assert refusal(body) == "form.ambiguous"


def test_lines_in_order() -> None:
    """Lines whose fields stand together, each beginning alike, are told apart."""
    body = "invoice[services][][nazwa]=A&invoice[services][][ilosc]=1"
    body += "&invoice[services][][nazwa]=B&invoice[services][][ilosc]=2"
    assert read_form(body) == {
        "invoice": {"services": [{"nazwa": "A", "ilosc": "1"}, {"nazwa": "B", "ilosc": "2"}]}
    }


def test_php_numbers_its_rows() -> None:
    """Numbered rows are a list in the order of their numbers, at any depth."""
    body = (
        "invoice[services][0][nazwa]=A&invoice[services][1][nazwa]=B&invoice[services][10][nazwa]=D"
        "&invoice[services][2][nazwa]=C&invoice[services][0][ilosc]=1&invoice[services][1][ilosc]=2"
    )
    assert read_form(body)["invoice"]["services"] == [
        {"nazwa": "A", "ilosc": "1"},
        {"nazwa": "B", "ilosc": "2"},
        {"nazwa": "C"},
        {"nazwa": "D"},
    ]


def test_numbers_without_beginning_at_zero() -> None:
    """A gap is no line."""
    assert read_form("s[3][a]=1&s[7][a]=2") == {"s": [{"a": "1"}, {"a": "2"}]}


def test_services_service() -> None:
    """Rails's nesting of XML in a form."""
    assert read_form("services[service][nazwa]=A") == {"services": {"service": {"nazwa": "A"}}}
    assert read_form("services[service][][nazwa]=A") == {"services": {"service": [{"nazwa": "A"}]}}


@pytest.mark.parametrize(
    ("body", "tree"),
    [
        ("", {}),
        ("a=", {"a": ""}),
        ("a", {"a": ""}),
        ("a=b+c%20d", {"a": "b c d"}),
        ("a=%C5%BC", {"a": "ż"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("a=x=y", {"a": "x=y"}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        ("a=%00", {"a": "\x00"}),
        ("__proto__[x]=1", {"__proto__": {"x": "1"}}),
    ],
)
def test_plain_fields(body: str, tree: Any) -> None:
    """Percent-encoding, plus signs, empty values, lists of text."""
    assert read_form(body) == tree


def test_a_plain_field_that_comes_twice_is_marked() -> None:
    """The translation refuses it, where it stands."""
    tree = read_form("invoice[numer]=1&invoice[numer]=2&invoice[uwagi]=x")
    assert isinstance(tree["invoice"], Twice)
    with pytest.raises(ConversionError) as caught:
        to_v3(tree)
    assert [(fault.code, fault.path) for fault in caught.value.faults] == [("field.twice", "numer")]


def test_a_field_may_come_thrice() -> None:
    """It is named for each time too many; all that counts is that it is refused."""
    tree = read_form("a=1&a=2&a=3&b=1")
    assert isinstance(tree, dict)
    with pytest.raises(ConversionError):
        to_v3({"invoice": read_form("i[uwagi]=1&i[uwagi]=2&i[uwagi]=3&i[numer]=1")["i"]})


def test_a_field_that_comes_twice_outside_is_marked() -> None:
    """A bare record, and a parameter beside the invoice, as well."""
    assert isinstance(read_form("numer=1&numer=2&uwagi=x"), Twice)


@pytest.mark.parametrize(
    "body",
    [
        "=1",
        "[a]=1",
        "a[=1",
        "a]=1",
        "a[b=1",
        "a[b]c=1",
        "a=1&a[b]=2",
        "a[]=1&a[b]=2",
        "a[b]=2&a[]=1",
        "a=%ff",
        "a=%ed%a0%80",
        b"a=\xc5\xbc",
        "&".join(f"f{n}=1" for n in range(100_001)),
    ],
    ids=lambda body: ascii(body)[:20],
)
def test_what_is_no_nested_form_is_refused(body: str | bytes) -> None:
    """Names that do not nest, one name of two shapes, other encodings, too many fields."""
    assert refusal(body) == "form.invalid"


@pytest.mark.parametrize("name", ["a" + "[x]" * 5000, "a" + "[]" * 5000 + "[b]"])
def test_a_deep_name_is_refused(name: str) -> None:
    """Five thousand levels are no invoice, and no crash."""
    assert refusal(name + "=1") == "form.invalid"


def test_a_row_number_of_any_length_is_no_crash() -> None:
    """A row number of 5,000 digits is a name like another."""
    read_form(f"s[{'9' * 5000}][a]=1&s[0][a]=2")


def test_a_list_of_text_and_rows_is_refused() -> None:
    """Rails's idiom of an empty first element, then rows."""
    assert refusal("a[]=&a[][b]=1&a[][b]=2") in {"form.invalid", "form.ambiguous"}


def test_many_repeated_fields_take_no_time() -> None:
    """Twenty-five thousand fields, twice each: below the bound on fields, and no reason to hang."""
    names = [f"a{number}=1" for number in range(25_000)]
    with within(20):
        read_form("&".join(names + names))
