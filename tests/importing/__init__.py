"""Tests of `import` and `journal`: an archive into a stand-in, each document once."""
