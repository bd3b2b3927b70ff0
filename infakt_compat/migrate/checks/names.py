"""Company names made comparable: case, accents, punctuation and legal forms do not count."""

import re
import unicodedata

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
#: Legal forms as they are left when accents and punctuation are gone; short ones end a name.
_FORMS = re.compile(
    r"\b(?:prosta )?spolka (?:z ograniczona odpowiedzialnoscia|z o ?o|komandytowo akcyjna|akcyjna"
    r"|jawna|komandytowa|cywilna|partnerska)\b"
    r"|(?<=.)\b(?:sp z o ?o|spzoo|sp [jkp]|s k a|ska|p s a|psa|s [ac]|sa)$"
)
_ALIKE = str.maketrans("łŁ", "lL")
_MEMO_SIZE = 20_000


def comparable(name: str) -> str:
    """Give a name as it is compared; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name.translate(_ALIKE)).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = _NOT_LETTERS.sub(" ", plain).strip()
    return " ".join(_FORMS.sub(" ", words).split()) or words


class Names(dict[str, str]):
    """The comparable form of each name seen: bounded, as archives repeat their buyers."""

    def __missing__(self, name: str) -> str:
        """Make a name comparable that was not seen before."""
        if len(self) >= _MEMO_SIZE:
            self.clear()
        found = self[name] = comparable(name)
        return found
