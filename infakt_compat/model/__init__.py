"""v3 documents as typed objects, and the converter between them and plain trees."""

from infakt_compat.model.client import Client
from infakt_compat.model.converter import structure_client, structure_invoice, unstructure
from infakt_compat.model.invoice import Invoice, Service

__all__ = [
    "Client",
    "Invoice",
    "Service",
    "structure_client",
    "structure_invoice",
    "unstructure",
]
