"""Which of v3's resources a document is created in."""

INVOICES, CORRECTIVE, CLIENTS = "invoices", "corrective_invoices", "clients"
#: v3's kinds that an import creates, and the family of each.
FAMILIES = {"vat": INVOICES, "proforma": INVOICES, "correction": CORRECTIVE}
