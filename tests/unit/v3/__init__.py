"""Tests of the v3 client, against the stand-in and small servers of their own."""
