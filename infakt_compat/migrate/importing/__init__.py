"""Carrying a plan out: every document created exactly once, as fast as v3's limits allow."""
