"""What `import` and `journal` say, in English and Polish."""

_WORDS = {
    "en": {
        "dry": "Dry run: nothing was sent, and no journal was written. --apply does it.",
        "read": "documents read",
        "repeats": "  of them once more",
        "to_create": "to create",
        "unproven": "if v3 has the original",
        "in_journal": "in the journal already",
        "clients": "clients to match or create",
        "calls": "v3 calls at most: {writes} writes, {reads} reads. "
        "v3's limits ({limit}) make them take {time}.",
        "reads": "reads",
        "writes": "writes",
        "minute": "a minute",
        "hour": "an hour",
        "day": "a day",
        "soon": "less than a minute",
        "created": "created",
        "already": "there before",
        "rejected": "rejected",
        "refused": "v3 would refuse",
        "foreseen": "What v3 would refuse, as far as can be known without it:",
        "others": "of other sources, in journal",
        "unknown": "not known",
        "open": "not settled yet",
        "left": "still planned",
        "owing": "  status or PDF left",
        "clients_created": "clients created",
        "clients_matched": "clients matched",
        "bar": "{done}/{total}  {rate}/min{limit}{more}",
        "bar_rejected": "  rejected {count}",
        "bar_doubt": "  in doubt {count}",
        "bar_limit": "  limit: {side}",
        "line": "{done} of {total} done, {rate} a minute, about {left} left{more}",
        "finishing": "Finishing what is in flight: {count}. Ctrl-C once more ends at once, and "
        "nothing is lost.",
        "go_on": "Stopped. The same command goes on where it was.",
        "stopped": "Stopped: {why}\nNothing is lost: the same command goes on.",
        "stopped key": "Stopped: {why}\nv3 does not take the API key. Check that the environment "
        "variable {variable} holds the whole key of this account, that the key is still valid, and "
        "that it has the scopes api:invoices:read and api:invoices:write. Nothing is lost.",
        "stopped forbidden": "Stopped: {why}\nCheck that the account's plan goes that far, that "
        "inFakt does not block this address, and that the API key in the environment variable "
        "{variable} is this account's, with the scopes api:invoices:read and api:invoices:write. "
        "Nothing is lost.",
        "stopped dialect": "Stopped: {why}\nThis v3 does not know the calls of that dialect. "
        "Give --dialect {other}, if --base-url is right. Nothing is lost.",
        "too_many": "Stopped by --max-rejects: {rejected} of {total} rejected.",
        "unsettled": "Some requests have no answer yet. The same command looks for them again.",
        "rejects_hint": "The rejected documents and why: "
        "infakt-compat journal rejects DIR --journal {where}",
        "kind vat": "VAT invoices",
        "kind proforma": "proformas",
        "kind correction": "corrections",
        "kind client": "clients",
        "kind margin": "margin invoices",
        "kind advance": "advance invoices",
        "kind final": "final invoices",
        "kind internal": "internal invoices",
        "kind ": "not understood",
        "state planned": "planned",
        "state sent": "sent",
        "state done": "done",
        "state rejected": "rejected",
        "state unknown": "not known",
        "account": "account",
        "no_account": "none yet",
        "sources": "sources",
        "source": "{source}: {documents} documents",
        "look_at": "Not known: look in inFakt whether they are there",
        "settle_hint": "One that is there: infakt-compat journal settle N --id ID (or --number "
        "NUMBER). One that is not: infakt-compat journal retry --unknown N",
        "settled": "Document #{place} is {number} (id {id}) of the account.",
        "retried": "{count} documents are planned again; `import` with --apply sends them.",
        "still_refused": "Still rejected: {count}; `journal show` says why.",
        "unmatched": "{source}, document {position}: matches no rejected document. "
        "Give its file to `import` as a source.",
        "settled_already": "{source}, document {position}: is in the journal already ({state}).",
        "written_rejects": "{count} rejected documents are in {folder}.",
        "no_rejects": "There are no rejected documents.",
        "report_good": "Every document is in the account, once.",
        "report_attention": "The import is not complete.",
        "report_bad": "Documents were rejected.",
        "report_advice": "Correct the rejected documents and take them up again with "
        "`infakt-compat journal retry`.",
        "report_again": "Give the same command again: it goes on where it was.",
        "report_unknown": "Of some documents it is not known whether they are there.",
        "report_look": "`infakt-compat journal show` lists them with what to look for in inFakt.",
        "report_dry": "This is what an import would do.",
        "journal": "journal",
    },
    "pl": {
        "dry": "Próba: niczego nie wysłano i nie zapisano dziennika. Zrobi to --apply.",
        "read": "przeczytane dokumenty",
        "repeats": "  w tym powtórzone",
        "to_create": "do utworzenia",
        "unproven": "jeśli v3 ma oryginał",
        "in_journal": "już w dzienniku",
        "clients": "klienci do znalezienia",
        "calls": "Wywołań v3 najwyżej: zapisów {writes}, odczytów {reads}. "
        "Limity v3 ({limit}) sprawią, że potrwa to {time}.",
        "reads": "odczyty",
        "writes": "zapisy",
        "minute": "na minutę",
        "hour": "na godzinę",
        "day": "na dobę",
        "soon": "mniej niż minutę",
        "created": "utworzone",
        "already": "były wcześniej",
        "rejected": "odrzucone",
        "refused": "v3 odrzuci",
        "foreseen": "Co v3 odrzuci, o ile można to wiedzieć bez niego:",
        "others": "w dzienniku z innych źródeł",
        "unknown": "nie wiadomo",
        "open": "nierozstrzygnięte",
        "left": "nadal w planie",
        "owing": "  bez statusu lub PDF",
        "clients_created": "klienci utworzeni",
        "clients_matched": "klienci znalezieni",
        "bar": "{done}/{total}  {rate}/min{limit}{more}",
        "bar_rejected": "  odrzucone {count}",
        "bar_doubt": "  niepewne {count}",
        "bar_limit": "  limit: {side}",
        "line": "{done} z {total} gotowe, {rate} na minutę, zostało około {left}{more}",
        "finishing": "Kończę to, co w drodze: {count}. Kolejne Ctrl-C kończy od razu i niczego "
        "nie traci.",
        "go_on": "Zatrzymano. To samo polecenie podejmie pracę w tym miejscu.",
        "stopped": "Zatrzymano: {why}\nNiczego nie utracono: to samo polecenie podejmie pracę.",
        "stopped key": "Zatrzymano: {why}\nv3 nie przyjmuje klucza API. Sprawdź, czy zmienna "
        "środowiskowa {variable} zawiera cały klucz tego konta, czy jest on nadal ważny i czy ma "
        "zakresy api:invoices:read i api:invoices:write. Niczego nie utracono.",
        "stopped forbidden": "Zatrzymano: {why}\nSprawdź, czy pozwala na to plan konta, czy "
        "inFakt nie blokuje tego adresu i czy klucz API w zmiennej środowiskowej {variable} jest "
        "kluczem tego konta, z zakresami api:invoices:read i api:invoices:write. "
        "Niczego nie utracono.",
        "stopped dialect": "Zatrzymano: {why}\nTo v3 nie zna wywołań tego dialektu. Podaj "
        "--dialect {other}, jeśli --base-url jest właściwy. Niczego nie utracono.",
        "too_many": "Zatrzymano przez --max-rejects: odrzucono {rejected} z {total}.",
        "unsettled": "Część zapytań nie ma jeszcze odpowiedzi. To samo polecenie sprawdzi je "
        "ponownie.",
        "rejects_hint": "Odrzucone dokumenty i powody: "
        "infakt-compat journal rejects DIR --journal {where}",
        "kind vat": "faktury VAT",
        "kind proforma": "proformy",
        "kind correction": "korekty",
        "kind client": "klienci",
        "kind margin": "faktury marża",
        "kind advance": "faktury zaliczkowe",
        "kind final": "faktury końcowe",
        "kind internal": "faktury wewnętrzne",
        "kind ": "niezrozumiałe",
        "state planned": "w planie",
        "state sent": "wysłane",
        "state done": "gotowe",
        "state rejected": "odrzucone",
        "state unknown": "nie wiadomo",
        "account": "konto",
        "no_account": "jeszcze żadne",
        "sources": "źródła",
        "source": "{source}: dokumentów {documents}",
        "look_at": "Nie wiadomo: sprawdź w inFakcie, czy tam są",
        "settle_hint": "Ten, który tam jest: infakt-compat journal settle N --id ID (albo "
        "--number NUMER). Ten, którego nie ma: infakt-compat journal retry --unknown N",
        "settled": "Dokument #{place} to {number} (id {id}) na koncie.",
        "retried": "Ponownie zaplanowane dokumenty: {count}; wyśle je `import` z --apply.",
        "still_refused": "Nadal odrzucone: {count}; powody podaje `journal show`.",
        "unmatched": "{source}, dokument {position}: nie pasuje do żadnego odrzuconego. "
        "Podaj jego plik jako źródło dla `import`.",
        "settled_already": "{source}, dokument {position}: jest już w dzienniku ({state}).",
        "written_rejects": "Odrzucone dokumenty ({count}) są w {folder}.",
        "no_rejects": "Nie ma odrzuconych dokumentów.",
        "report_good": "Każdy dokument jest na koncie, jeden raz.",
        "report_attention": "Import nie jest zakończony.",
        "report_bad": "Część dokumentów odrzucono.",
        "report_advice": "Popraw odrzucone dokumenty i podejmij je ponownie przez "
        "`infakt-compat journal retry`.",
        "report_again": "Podaj to samo polecenie jeszcze raz: podejmie pracę w tym miejscu.",
        "report_unknown": "O części dokumentów nie wiadomo, czy są na koncie.",
        "report_look": "`infakt-compat journal show` wymienia je z tym, czego szukać w inFakcie.",
        "report_dry": "Tak przebiegłby import.",
        "journal": "dziennik",
    },
}


def said(name: str, language: str, **values: object) -> str:
    """Give a word or sentence in a language, with its values."""
    text = _WORDS[language].get(name, name)
    return text.format(**values) if values else text


def lasting(seconds: float, language: str) -> str:
    """Write a span of time as people say it: `40 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.

    What v3's limits do not hold up takes less than a minute.
    """
    if seconds < 1:
        return said("soon", language)
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    if minutes < 100:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min"
    days, left = divmod(hours, 24)
    return f"{days} {'doby' if language == 'pl' else 'd'} {left} h"
