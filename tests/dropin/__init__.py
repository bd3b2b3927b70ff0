"""v2 on the wire: the gateway, the adapter, and who gets in."""
