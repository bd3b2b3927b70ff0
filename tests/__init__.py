"""The tests; the strategies and laws are in `property`, the documented examples in `cases`."""
