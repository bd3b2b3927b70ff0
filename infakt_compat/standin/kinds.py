"""The document families: paths, envelopes and exact key sets (v3-wire 4.1, 4.2, 5).

The key lists of today's dialect are those of strict captures of 2025; those of the classic
dialect are the definition of the seed document of 2022: no uuid, integer ids, texts for
quantities.
"""

from __future__ import annotations

from dataclasses import dataclass


def _keys(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_HEAD = "id uuid"
_MONEY = "status payment_date paid_date net_price tax_price gross_price left_to_pay"
_CLIENT = (
    "client_id client_uuid client_company_name client_first_name client_last_name"
    " client_business_activity_kind client_street client_street_number client_flat_number"
    " client_city client_post_code client_tax_code client_country"
)
_BANK = "bank_account bank_name swift"
_TAIL = (
    "vat_exemption_reason sale_type invoice_date_kind document_markings_ids transaction_kind_id"
    " bdo_code receipt_number not_income vat_exchange_date_kind"
)
_PAYMENT = (
    "notes kind payment_method split_payment split_payment_type recipient_signature"
    " seller_signature invoice_date"
)
_SERVICE = "vat_date_value continuous_service_start_on continuous_service_end_on occasional_sale"

INVOICE = _keys(
    f"{_HEAD} parent_id number currency paid_price {_PAYMENT} sale_date {_SERVICE} {_MONEY}"
    f" {_CLIENT} {_BANK} {_TAIL} sales_kind amount_in_words building_service created_at"
    " reconciliation_id services"
)
INVOICE_DETAIL = (
    *INVOICE,
    *_keys(
        "local_government_recipient_address local_government_seller_address third_party_addresses"
        " transaction_terms related_documents extensions exchange_rates_data ksef_number ksef_data"
    ),
)
CORRECTIVE = _keys(
    f"{_HEAD} number currency paid_price {_PAYMENT} sale_date {_SERVICE} {_MONEY} {_CLIENT}"
    f" {_BANK} {_TAIL} corrected_invoice_number corrected_invoice_date confirmation"
    " confirmation_date correction_reason correction_reason_symbol services"
)
MARGIN = _keys(
    f"{_HEAD} number kind currency paid_price paid_date gross_price left_to_pay payment_date"
    " margin_kind margin_amount_price payment_method recipient_signature seller_signature"
    f" invoice_date sale_date status {_CLIENT} {_BANK} document_markings_ids bdo_code notes"
    " services"
)
ADVANCE = _keys(
    f"{_HEAD} number currency advance_price {_PAYMENT} advance_date {_MONEY} {_CLIENT} {_BANK}"
    f" {_TAIL} previous_advance_id previous_advances services"
)
FINAL = _keys(
    f"{_HEAD} number currency paid_price {_PAYMENT} sale_date {_MONEY} {_CLIENT} {_BANK}"
    f" {_TAIL} previous_advance_id previous_advances services"
)

ROW = _keys(
    "id name tax_symbol unit quantity unit_net_price net_price gross_price tax_price symbol"
    " pkwiu cn pkob flat_rate_tax_symbol discount unit_net_price_before_discount gtu_id related_id"
)
CORRECTIVE_ROW = (*ROW[:-1], "group", "related_id", "correction")
MARGIN_ROW = _keys(
    "id name unit quantity gross_with_margin_amount_price margin_amount_price gtu_id"
)

CLASSIC_INVOICE = _keys(
    "id number currency paid_price notes kind payment_method split_payment split_payment_type"
    f" recipient_signature seller_signature invoice_date sale_date {_MONEY} client_id"
    " client_company_name client_street client_street_number client_flat_number client_city"
    f" client_post_code client_tax_code client_country {_BANK} sale_type invoice_date_kind"
    " document_markings_ids transaction_kind_id bdo_code receipt_number not_income"
    " vat_exchange_date_kind vat_exemption_reason services"
)
CLASSIC_ROW = _keys(
    "id name tax_symbol unit quantity unit_net_price net_price gross_price tax_price symbol"
    " flat_rate_tax_symbol discount unit_net_price_before_discount gtu_id"
)
_NOT_CLASSIC = {"uuid", "client_uuid", "vat_date_value", "occasional_sale", "related_id"}


@dataclass(frozen=True)
class Family:
    """One resource of documents."""

    path: str
    envelope: str
    kind: str
    keys: tuple[str, ...]
    detail: tuple[str, ...]
    row: tuple[str, ...]
    ksef_kind: str
    sync_create: str  # today's dialect: "works", "broken" (500) or "none" (v3-wire 1.1)

    @property
    def task_kind(self) -> str:
        """`invoice_kind` in task bodies (v3-wire 1.2)."""
        return self.envelope

    def list_keys(self, classic: bool) -> tuple[str, ...]:
        """Return the keys of an entity in a list."""
        if not classic:
            return self.keys
        if self.kind == "vat":
            return CLASSIC_INVOICE
        return tuple(key for key in self.keys if key not in _NOT_CLASSIC)

    def detail_keys(self, classic: bool) -> tuple[str, ...]:
        """Return the keys of an answer to show, create and update."""
        if not classic:
            return self.detail
        extra = ("extensions",) if self.kind == "vat" else ()
        return (*self.list_keys(True), *extra)

    def row_keys(self, classic: bool) -> tuple[str, ...]:
        """Return the keys of a row."""
        if not classic:
            return self.row
        if self.kind == "vat":
            return CLASSIC_ROW
        return tuple(key for key in self.row if key not in _NOT_CLASSIC)


FAMILIES = (
    Family("invoices", "invoice", "vat", INVOICE, INVOICE_DETAIL, ROW, "vat", "works"),
    Family(
        "corrective_invoices", "corrective_invoice", "correction", CORRECTIVE,
        (*CORRECTIVE, "ksef_data"), CORRECTIVE_ROW, "corrective_invoice", "broken",
    ),
    Family(
        "margin_invoices", "margin_invoice", "margin", MARGIN, (*MARGIN, "ksef_data"),
        MARGIN_ROW, "margin", "works",
    ),
    Family(
        "advance_invoices", "advance_invoice", "advance", ADVANCE, (*ADVANCE, "ksef_data"),
        ROW, "advance", "none",
    ),
    Family(
        "final_invoices", "final_invoice", "final", FINAL, (*FINAL, "ksef_data"), ROW, "final",
        "none",
    ),
)  # fmt: skip
BY_PATH = {family.path: family for family in FAMILIES}
INVOICES = BY_PATH["invoices"]
