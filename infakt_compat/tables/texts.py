"""The sentences of notice and fault codes, in English and Polish."""

import locale
import os

from infakt_compat.tables.load import tables

LANGUAGES = ("en", "pl")


def sentence(code: str, language: str) -> str:
    """Give the sentence of a code (`mappings/notices.toml`)."""
    return tables().codes[code].sentences[language]


def advice(code: str, language: str) -> str:
    """Give what to do about a code; empty where its sentence says it all."""
    return tables().codes[code].advice.get(language, "")


def locale_language() -> str:
    """Give the language of the user's locale, English unless it is Polish."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "pl" if value.lower().startswith("pl") else "en"
    # Windows sets none of them.
    return "pl" if (locale.getlocale()[0] or "").lower().startswith(("pl", "polish")) else "en"
