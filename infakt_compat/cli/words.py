"""What the command line says, in English and Polish."""

_WORDS = {
    "en": {
        "read": "read",
        "converted": "converted",
        "exact": "  exact",
        "noticed": "  with notices",
        "rejected": "rejected",
        "example": "e.g.",
        "fields": "fields:",
        "document": "document",
        "info": "info",
        "warning": "warning",
        "fault": "refused",
        "advice": "to do:",
        "check.read": "read",
        "check.taken": "v3 would take",
        "check.would": "v3 would take, if the account let it",
        "check.exact": "  with nothing to say",
        "check.refused": "v3 would refuse",
        "check.repeated": "the same again",
        "check.ksef": "taken, but not for KSeF",
        "check.buyers": "buyers with a tax number",
        "check.known": "  of these in the account",
        "check.good": "v3 would take every document.",
        "check.refusals": "v3 would take {taken} documents and refuse {refused}.",
        "check.blocked": "As it is, the account would let nothing be created.",
        "check.broken": "A source could not be read to its end; what stands behind is not checked.",
        "check.asking": "reading the account: {count}",
        "check.next": "Next: infakt-compat import with the same sources (a dry run at first).",
        "check.mend": "Mend what can be mended and check again; import takes the others anyway.",
        "check.not_asked": "Error: the account could not be read: {what}. What was found in the "
        "archive stands all the same.",
        "verify.read": "read",
        "verify.compared": "compared with v3",
        "verify.equal": "  the same in every field",
        "verify.explained": "  with explained differences",
        "verify.differing": "  with unexplained differences",
        "verify.missing": "    of these not in v3",
        "verify.absent": "not created, as the journal says",
        "verify.unknown": "not known whether they are in v3",
        "verify.replaced": "refused ones that mended ones replaced",
        "verify.repeated": "the same again",
        "verify.good": "All {compared} documents are in v3, each once, and say the same.",
        "verify.reasons": "All {compared} documents are in v3, each once; {explained} of them show "
        "something otherwise, with a reason.",
        "verify.gaps": "{compared} documents are in v3; {absent} were not created.",
        "verify.doubt": "{compared} documents are in v3; whether {unknown} more are is not known.",
        "verify.gaps_doubt": "{compared} documents are in v3; {absent} were not created; "
        "whether {unknown} more are is not known.",
        "verify.bad": "{differing} of {compared} documents differ from the archive, and nothing "
        "explains it.",
        "verify.look": "Look at the differences below, one by one.",
        "verify.read_them": "Read the reasons once; they are the same for many documents.",
        "verify.retry": "The reasons are below; infakt-compat journal rejects gives the documents.",
        "verify.ask": "infakt-compat journal show lists those not known, and what to look for.",
        "verify.journal": "journal",
        "verify.account": "the journal belongs to another account than the key",
        "verify.not_read": "Error: v3 could not be read: {what}",
        "verify.reading": "reading v3",
        "rate": "{documents} documents, {rate}/s",
        "interrupted": "Interrupted.",
        "stopped": "Stopped by --max-rejects: {rejected} of {read} refused.",
        "partial": "What was converted so far is in {path}.",
        "left_behind": "Documents with a residue, which --format json leaves behind: {count}. "
        "Use --format jsonl to be able to go back.",
        "mixed": "Error: the sources hold invoices and clients; convert them apart.",
        "not_written": "Error: cannot write {what}.",
        "worker_lost": "Error: a worker process was ended from outside: killed, or out of memory. "
        "Nothing was put in place. Try again with fewer --workers.",
    },
    "pl": {
        "read": "przeczytano",
        "converted": "przekształcono",
        "exact": "  dokładnie",
        "noticed": "  z uwagami",
        "rejected": "odrzucono",
        "example": "np.",
        "fields": "pola:",
        "document": "dokument",
        "info": "informacja",
        "warning": "ostrzeżenie",
        "fault": "odrzucono",
        "advice": "zrób:",
        "check.read": "przeczytano",
        "check.taken": "v3 przyjmie",
        "check.would": "v3 przyjęłoby, gdyby konto pozwalało",
        "check.exact": "  bez żadnych uwag",
        "check.refused": "v3 odrzuci",
        "check.repeated": "te same ponownie",
        "check.ksef": "przyjęte, ale nie dla KSeF",
        "check.buyers": "nabywcy z NIP-em",
        "check.known": "  z tego na koncie",
        "check.good": "v3 przyjmie wszystkie dokumenty.",
        "check.refusals": "v3 przyjmie dokumentów: {taken}, odrzuci: {refused}.",
        "check.blocked": "W obecnym stanie konto nie pozwoli niczego utworzyć.",
        "check.broken": "Źródła nie udało się odczytać do końca; dalszej części nie sprawdzono.",
        "check.asking": "odczyt konta: {count}",
        "check.next": "Dalej: infakt-compat import z tymi samymi źródłami (najpierw na próbę).",
        "check.mend": "Popraw, co się da, i sprawdź ponownie; import i tak przyjmie pozostałe.",
        "check.not_asked": "Błąd: nie udało się odczytać konta: {what}. To, co znaleziono "
        "w archiwum, pozostaje w mocy.",
        "verify.read": "przeczytano",
        "verify.compared": "porównano z v3",
        "verify.equal": "  takie same w każdym polu",
        "verify.explained": "  z wyjaśnionymi różnicami",
        "verify.differing": "  z niewyjaśnionymi różnicami",
        "verify.missing": "    w tym nie ma ich w v3",
        "verify.absent": "nieutworzone według dziennika",
        "verify.unknown": "nie wiadomo, czy są w v3",
        "verify.replaced": "odrzucone, zastąpione poprawionymi",
        "verify.repeated": "te same ponownie",
        "verify.good": "Wszystkie dokumenty ({compared}) są w v3, każdy raz, i mówią to samo.",
        "verify.reasons": "Wszystkie dokumenty ({compared}) są w v3, każdy raz; {explained} z nich "
        "pokazuje coś inaczej, z podanym powodem.",
        "verify.gaps": "Dokumenty w v3: {compared}; nieutworzone: {absent}.",
        "verify.doubt": "Dokumenty w v3: {compared}; niepewne: {unknown}.",
        "verify.gaps_doubt": "Dokumenty w v3: {compared}; nieutworzone: {absent}; niepewne: "
        "{unknown}.",
        "verify.bad": "Dokumenty różniące się od archiwum w sposób niewyjaśniony: {differing} z "
        "{compared}.",
        "verify.look": "Obejrzyj poniższe różnice, jedną po drugiej.",
        "verify.read_them": "Przeczytaj powody raz; są wspólne dla wielu dokumentów.",
        "verify.retry": "Powody są poniżej; dokumenty podaje infakt-compat journal rejects.",
        "verify.ask": "Niepewne wypisuje infakt-compat journal show, z tym, czego szukać.",
        "verify.journal": "dziennik",
        "verify.account": "dziennik należy do innego konta niż klucz",
        "verify.not_read": "Błąd: nie udało się odczytać v3: {what}",
        "verify.reading": "odczyt v3",
        "rate": "dokumentów: {documents}, {rate}/s",
        "interrupted": "Przerwano.",
        "stopped": "Zatrzymano przez --max-rejects: odrzucono {rejected} z {read}.",
        "partial": "To, co przekształcono do tej pory, jest w {path}.",
        "left_behind": "Dokumenty z zachowaną częścią, którą --format json pomija: {count}. "
        "Aby móc wrócić do v2, użyj --format jsonl.",
        "mixed": "Błąd: źródła zawierają faktury i klientów; przekształć je osobno.",
        "not_written": "Błąd: nie można zapisać: {what}.",
        "worker_lost": "Błąd: proces roboczy zakończono z zewnątrz: zabity albo zabrakło pamięci. "
        "Niczego nie zapisano. Spróbuj ponownie z mniejszą liczbą --workers.",
    },
}


def word(name: str, language: str, **values: object) -> str:
    """Give a word or sentence in a language, with its values."""
    text = _WORDS[language][name]
    return text.format(**values) if values else text


def counted(number: int, language: str) -> str:
    """Write a number with its thousands apart, as the language does."""
    text = f"{number:,}"
    return text.replace(",", "\u00a0") if language == "pl" else text


def printable(text: str) -> str:
    """Replace control characters, which a document could move the cursor with."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
