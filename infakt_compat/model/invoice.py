"""A v3 invoice of any kind, and its lines, as typed objects.

Amounts are integer grosze, dates ISO text; None is what v3 left out or gave as null. A kind of
invoice has only some of the fields (v3-wire 5). Enumerated values stay text: v3 may add one
tomorrow.
"""

from decimal import Decimal
from typing import Any

from attrs import define, field


@define
class Service:
    """One line of a v3 invoice (v3-wire 4.2; margin and corrective lines: 5)."""

    id: int | None = None
    name: str | None = None
    tax_symbol: str | None = None
    unit: str | None = None
    quantity: Decimal | None = None
    unit_net_price: int | None = None
    net_price: int | None = None
    gross_price: int | None = None
    tax_price: int | None = None
    symbol: str | None = None
    pkwiu: str | None = None
    cn: str | None = None
    pkob: str | None = None
    flat_rate_tax_symbol: str | None = None
    discount: Any = None
    unit_net_price_before_discount: int | None = None
    gtu_id: Any = None
    related_id: int | None = None
    group: Any = None
    correction: bool | None = None
    gross_with_margin_amount_price: int | None = None
    margin_amount_price: int | None = None


@define
class Invoice:
    """A v3 invoice: plain, corrective, margin, advance or final (v3-wire 4.1, 5; seed 004)."""

    id: int | None = None
    uuid: str | None = None
    parent_id: int | None = None
    number: str | None = None
    currency: str | None = None
    paid_price: int | None = None
    notes: str | None = None
    kind: str | None = None
    payment_method: str | None = None
    split_payment: bool | None = None
    split_payment_type: str | None = None
    recipient_signature: str | None = None
    seller_signature: str | None = None
    invoice_date: str | None = None
    sale_date: str | None = None
    vat_date_value: str | None = None
    continuous_service_start_on: str | None = None
    continuous_service_end_on: str | None = None
    occasional_sale: bool | None = None
    status: str | None = None
    payment_date: str | None = None
    paid_date: str | None = None
    net_price: int | None = None
    tax_price: int | None = None
    gross_price: int | None = None
    left_to_pay: int | None = None
    client_id: int | None = None
    client_uuid: str | None = None
    client_company_name: str | None = None
    client_first_name: str | None = None
    client_last_name: str | None = None
    client_business_activity_kind: str | None = None
    client_street: str | None = None
    client_street_number: str | None = None
    client_flat_number: str | None = None
    client_city: str | None = None
    client_post_code: str | None = None
    client_tax_code: str | None = None
    client_country: str | None = None
    clean_client_nip: str | None = None
    bank_account: str | None = None
    bank_name: str | None = None
    swift: str | None = None
    vat_exemption_reason: int | None = None
    sale_type: str | None = None
    invoice_date_kind: str | None = None
    document_markings_ids: Any = None
    transaction_kind_id: int | None = None
    bdo_code: str | None = None
    receipt_number: str | None = None
    not_income: bool | None = None
    vat_exchange_date_kind: str | None = None
    sales_kind: str | None = None
    amount_in_words: str | None = None
    building_service: bool | None = None
    created_at: str | None = None
    reconciliation_id: Any = None
    check_duplicate_number: bool | None = None
    corrected_invoice_number: str | None = None
    corrected_invoice_date: str | None = None
    corrected_invoice_uuid: str | None = None
    confirmation: bool | None = None
    confirmation_date: str | None = None
    correction_reason: str | None = None
    correction_reason_symbol: str | None = None
    margin_kind: str | None = None
    margin_amount_price: int | None = None
    advance_price: int | None = None
    advance_date: str | None = None
    previous_advance_id: int | None = None
    previous_advances: Any = None
    local_government_recipient_address: Any = None
    local_government_seller_address: Any = None
    related_documents: Any = None
    extensions: Any = None
    ksef_data: Any = None
    ksef_number: str | None = None
    third_party_addresses: Any = None
    transaction_terms: Any = None
    exchange_rates_data: Any = None
    services: list[Service] = field(factory=list)
