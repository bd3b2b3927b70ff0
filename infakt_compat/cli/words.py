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
