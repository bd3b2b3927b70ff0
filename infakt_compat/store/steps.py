"""Every version of the schema, as the step that led to it.

A step is never changed once a release carried it: a new version is a new step at the end. A new
store takes all of them, so that there is one way to the present schema, not two. `{clustered}`
keeps a table in the order of its key on SQLite; PostgreSQL has no word for it.
"""

COMPONENT = "store"

_FIRST = (
    """CREATE TABLE infakt_documents (
        account TEXT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL,
        uuid TEXT, seen_at BIGINT NOT NULL,
        PRIMARY KEY (account, id, kind)){clustered}""",
    """CREATE TABLE infakt_residues (
        account TEXT NOT NULL, kind TEXT NOT NULL, id BIGINT NOT NULL,
        body TEXT NOT NULL, version TEXT NOT NULL, updated_at BIGINT NOT NULL,
        PRIMARY KEY (account, kind, id))""",
    """CREATE TABLE infakt_values (
        account TEXT NOT NULL, name TEXT NOT NULL,
        body TEXT NOT NULL, version TEXT NOT NULL, updated_at BIGINT NOT NULL,
        PRIMARY KEY (account, name))""",
    """CREATE TABLE infakt_answers (
        account TEXT NOT NULL, digest TEXT NOT NULL,
        state TEXT NOT NULL, attempt TEXT NOT NULL, holder TEXT NOT NULL,
        held_until BIGINT NOT NULL, created_at BIGINT NOT NULL,
        task TEXT, number TEXT, client TEXT, issued_on TEXT, total BIGINT,
        answer TEXT, settled_at BIGINT,
        PRIMARY KEY (account, digest))""",
    """CREATE TABLE infakt_leases (
        account TEXT NOT NULL, name TEXT NOT NULL,
        holder TEXT NOT NULL, held_until BIGINT NOT NULL,
        PRIMARY KEY (account, name))""",
    """CREATE TABLE infakt_limits (
        bucket TEXT NOT NULL, longest BIGINT NOT NULL,
        PRIMARY KEY (bucket))""",
    """CREATE TABLE infakt_events (
        bucket TEXT NOT NULL, moment BIGINT NOT NULL, place INTEGER NOT NULL,
        PRIMARY KEY (bucket, moment, place)){clustered}""",
)

# The fifteen minutes of decisions.md section 5 count from the last sending, not from the claim;
# look-ups leave out what other creates made; a Retry-After holds for every process.
_SENDING = (
    "ALTER TABLE infakt_answers ADD COLUMN sent_at BIGINT DEFAULT 0 NOT NULL",
    "ALTER TABLE infakt_answers ADD COLUMN delivered_at BIGINT",
    "UPDATE infakt_answers SET sent_at = created_at",
    "CREATE UNIQUE INDEX infakt_answers_attempt ON infakt_answers (attempt)",
    """CREATE TABLE infakt_created (
        account TEXT NOT NULL, kind TEXT NOT NULL, id BIGINT NOT NULL,
        attempt TEXT NOT NULL, created_at BIGINT NOT NULL,
        PRIMARY KEY (account, kind, id))""",
    "CREATE INDEX infakt_documents_uuid ON infakt_documents (account, uuid)",
    "ALTER TABLE infakt_limits ADD COLUMN blocked_until BIGINT DEFAULT 0 NOT NULL",
)

# What a create was to make: it is settled in the background, also when its sender is dead.
_DRAFT = ("ALTER TABLE infakt_answers ADD COLUMN draft TEXT",)

#: The step to version 1, to version 2, and so on.
STEPS: tuple[tuple[str, ...], ...] = (_FIRST, _SENDING, _DRAFT)
