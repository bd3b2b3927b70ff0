"""Every version of the journal's schema, as the step that led to it (see `store/steps.py`)."""

COMPONENT = "journal"

_FIRST = (
    """CREATE TABLE infakt_journal (
        name TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (name))""",
    """CREATE TABLE infakt_sources (
        place BIGINT NOT NULL, name TEXT NOT NULL, size BIGINT NOT NULL, changed BIGINT NOT NULL,
        digest TEXT NOT NULL, form TEXT NOT NULL, documents BIGINT NOT NULL,
        repeats BIGINT NOT NULL, faults TEXT NOT NULL,
        PRIMARY KEY (place))""",
    "CREATE UNIQUE INDEX infakt_sources_name ON infakt_sources (name)",
    """CREATE TABLE infakt_buyers (
        place BIGINT NOT NULL, identity TEXT NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL,
        state TEXT NOT NULL, attempts BIGINT NOT NULL, sent_at BIGINT NOT NULL,
        id BIGINT, uuid TEXT, already BIGINT NOT NULL, reasons TEXT NOT NULL,
        PRIMARY KEY (place))""",
    "CREATE UNIQUE INDEX infakt_buyers_identity ON infakt_buyers (identity)",
    "CREATE INDEX infakt_buyers_id ON infakt_buyers (id)",
    """CREATE TABLE infakt_entries (
        place BIGINT NOT NULL, key TEXT NOT NULL, source BIGINT NOT NULL, position BIGINT NOT NULL,
        resource TEXT NOT NULL, family TEXT NOT NULL, kind TEXT NOT NULL,
        number TEXT, v2_id BIGINT, v2_client BIGINT, day TEXT, currency TEXT, total BIGINT,
        buyer BIGINT, original TEXT, corrects BIGINT,
        state TEXT NOT NULL, attempts BIGINT NOT NULL, sent_at BIGINT NOT NULL, task TEXT,
        body TEXT, status TEXT NOT NULL, paid_date TEXT, paid_by TEXT,
        id BIGINT, uuid TEXT, v3_number TEXT, already BIGINT NOT NULL, owing TEXT NOT NULL,
        saved BIGINT NOT NULL, ready BIGINT NOT NULL,
        reasons TEXT NOT NULL, raw TEXT,
        PRIMARY KEY (place))""",
    "CREATE UNIQUE INDEX infakt_entries_key ON infakt_entries (key)",
    "CREATE INDEX infakt_entries_state ON infakt_entries (state, family, place)",
    "CREATE INDEX infakt_entries_number ON infakt_entries (family, number)",
    "CREATE INDEX infakt_entries_id ON infakt_entries (family, id)",
    "CREATE INDEX infakt_entries_v2 ON infakt_entries (resource, v2_id)",
    "CREATE INDEX infakt_entries_owing ON infakt_entries (owing, place)",
    "CREATE INDEX infakt_entries_corrects ON infakt_entries (corrects, day, place)",
    """CREATE TABLE infakt_notices (
        source BIGINT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL, count BIGINT NOT NULL,
        position BIGINT NOT NULL, detail TEXT NOT NULL,
        PRIMARY KEY (source, code, path))""",
)

#: The step to version 1, and so on; a step is never changed once a release carried it.
STEPS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    (
        "CREATE INDEX infakt_entries_original ON infakt_entries (family, original) "
        "WHERE original IS NOT NULL",
    ),
)
