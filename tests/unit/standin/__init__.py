"""Tests of the stand-in, through HTTP wherever that is possible."""
