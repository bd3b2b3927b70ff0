"""A v3 client as a typed object."""

from typing import Any

from attrs import define


@define
class Client:
    """A v3 client (v3-wire 7). None is what v3 left out or gave as null."""

    id: int | None = None
    uuid: str | None = None
    company_name: str | None = None
    street: str | None = None
    street_number: str | None = None
    flat_number: str | None = None
    city: str | None = None
    country: str | None = None
    country_full_name: str | None = None
    postal_code: str | None = None
    nip: str | None = None
    phone_number: str | None = None
    web_site: str | None = None
    email: str | None = None
    note: str | None = None
    receiver: str | None = None
    mailing_company_name: str | None = None
    mailing_street: str | None = None
    mailing_city: str | None = None
    mailing_postal_code: str | None = None
    days_to_payment: Any = None
    payment_method: str | None = None
    invoice_note: str | None = None
    same_forward_address: bool | None = None
    first_name: str | None = None
    last_name: str | None = None
    business_activity_kind: str | None = None
    is_vindicable: bool | None = None
    vindicable_invoices_count: int | None = None
    clean_nip: str | None = None
