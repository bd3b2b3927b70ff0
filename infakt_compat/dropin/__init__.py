"""v2's place on the wire: a gateway for callers in any language, an adapter for requests."""
