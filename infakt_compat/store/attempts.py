"""The statements on creates: what one transaction of `pending` is made of.

`of_` begins the name of what a row is found by, `new_` of what it gets.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from infakt_compat.store import checks
from infakt_compat.store.answers import DOUBTFUL, Answer, Claim, Lookup, State, answer_of
from infakt_compat.store.database import upsert_in
from infakt_compat.store.errors import DocumentTaken
from infakt_compat.store.schema import answers, created
from infakt_compat.store.statements import Statement

Row = Mapping[str, object]

#: Stands in an attempt's place for a document that no create of ours made.
_FOREIGN = "foreign"

_ACCOUNT = bindparam("of_account", type_=Text)
_ATTEMPT = bindparam("of_attempt", type_=Text)
_HOLDER = bindparam("of_holder", type_=Text)
_KIND = bindparam("of_kind", type_=Text)
_ID = bindparam("of_id", type_=BigInteger)
_MOMENT = bindparam("of_moment", type_=BigInteger)


def _is_one_of(states: Collection[State]) -> ColumnElement[bool]:
    """Write `state IN (...)` in a form that can be compiled once."""
    return or_(*(answers.c.state == state for state in states))


_FIND = Statement(
    select(answers).where(
        answers.c.account == _ACCOUNT, answers.c.digest == bindparam("of_digest", type_=Text)
    )
)
_TAKE_OVER = Statement(
    update(answers)
    .where(
        answers.c.attempt == _ATTEMPT,
        _is_one_of(DOUBTFUL),
        # Its own holder: the commit of this very statement was lost, and it runs again.
        or_(answers.c.held_until <= _MOMENT, answers.c.holder == _HOLDER),
    )
    .values(
        state=State.UNKNOWN,
        holder=_HOLDER,
        held_until=bindparam("new_held_until", type_=BigInteger),
    )
)
_WITHDRAW = Statement(
    delete(answers).where(
        answers.c.attempt == _ATTEMPT,
        answers.c.holder == _HOLDER,
        answers.c.state == State.SENT,
        answers.c.task.is_(None),
    )
)
_MADE = Statement(
    select(created.c.attempt).where(
        created.c.account == _ACCOUNT, created.c.kind == _KIND, created.c.id == _ID
    )
)
_ANY = Statement(
    select(answers.c.digest)
    .where(answers.c.account == _ACCOUNT, _is_one_of(DOUBTFUL), answers.c.draft.is_not(None))
    .limit(1)
)
#: What is personal is kept only while it is needed to settle a create.
NOT_NEEDED: dict[str, object] = {**Lookup().columns(), "draft": None}


def find(connection: Connection, account: str, digest: str) -> Answer | None:
    """Read how a create stands."""
    wanted = {"of_account": account, "of_digest": digest}
    row = _FIND(connection, wanted).first()
    return None if row is None else answer_of(row)


def any_in_doubt(connection: Connection, account: str) -> bool:
    """Say whether any create is in doubt, or being sent, of those that were kept with a draft."""
    return _ANY(connection, {"of_account": account}).first() is not None


def begin(connection: Connection, row: Row, too_old: int) -> Answer:
    """Insert a new attempt, or put it in place of one that is over; gives the one that stands.

    Over is what failed, what was delivered, and what was settled at the moment `too_old` or before.
    """
    given = {f"new_{name}": value for name, value in row.items()}
    _BEGIN(connection, {**given, "of_moment": too_old})
    found = find(connection, str(row["account"]), str(row["digest"]))
    assert found is not None  # inserted or locked by this very transaction
    return found


def _begun(dialect: str) -> sqlite.Insert | postgresql.Insert:
    new = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in answers.c}
    told = answers.c.delivered_at.is_not(None)
    over = or_(
        answers.c.state == State.FAILED,
        and_(answers.c.state == State.DONE, or_(told, answers.c.settled_at <= _MOMENT)),
    )
    statement = upsert_in(dialect, answers).values(new)
    keys = [answers.c.account, answers.c.digest]
    changed = {name: statement.excluded[name] for name in new if name not in ("account", "digest")}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed, where=over)


_BEGIN = Statement(_begun)


def take_over(
    connection: Connection, entry: Answer, holder: str, moment: int, held_until: int
) -> bool:
    """Become the holder of a create that nobody is at; False when somebody is."""
    taken = {"of_attempt": entry.attempt, "of_holder": holder, "of_moment": moment}
    return _TAKE_OVER(connection, {**taken, "new_held_until": held_until}).rowcount > 0


def change(
    connection: Connection, claim: Claim, states: tuple[State, ...], row: Row, held: bool = False
) -> bool:
    """Change the attempt of a claim while it stands in one of the states.

    `held`: only while the claim's holder is at it. False when it does not stand so.
    """
    named = _of(claim, held) | {f"new_{name}": value for name, value in row.items()}
    return _changed(tuple(row), states, held)(connection, named).rowcount > 0


def _of(claim: Claim, held: bool) -> dict[str, object]:
    named: dict[str, object] = {"of_attempt": claim.entry.attempt}
    return named | {"of_holder": claim.holder} if held else named


@cache
def _changed(names: tuple[str, ...], states: tuple[State, ...], held: bool) -> Statement:
    where = [answers.c.attempt == _ATTEMPT, _is_one_of(states)]
    where += [answers.c.holder == _HOLDER] if held else []
    new = {name: bindparam(f"new_{name}", type_=answers.c[name].type) for name in names}
    return Statement(update(answers).where(*where).values(new))


def stands(connection: Connection, claim: Claim, states: tuple[State, ...]) -> Answer | None:
    """Give the attempt of a claim if it stands in one of the states."""
    row = _standing(states)(connection, _of(claim, False)).first()
    return None if row is None else answer_of(row)


@cache
def _standing(states: tuple[State, ...]) -> Statement:
    return Statement(select(answers).where(answers.c.attempt == _ATTEMPT, _is_one_of(states)))


def withdraw(connection: Connection, claim: Claim) -> bool:
    """Delete an attempt that was never sent; False when it was, or is another's."""
    return _WITHDRAW(connection, _of(claim, True)).rowcount > 0


def attribute(
    connection: Connection, claim: Claim, document: tuple[str, int], proven: bool, moment: int
) -> None:
    """Note which create made a document; `DocumentTaken` when nothing is proven and it has one."""
    key = {"account": claim.entry.account, "kind": checks.name(document[0], "a kind"),
           "id": checks.document_id(document[1])}  # fmt: skip
    named = {f"of_{name}": value for name, value in key.items()}
    row = {**named, "of_attempt": claim.entry.attempt, "of_moment": moment}
    if proven:
        _ATTRIBUTE(connection, row)
        return
    _ATTRIBUTE_FREE(connection, row)
    if _MADE(connection, named).scalar() != claim.entry.attempt:
        raise DocumentTaken(f"another create made {key['kind']} {key['id']}")


def set_apart(connection: Connection, account: str, kind: str, number: int, moment: int) -> bool:
    """Note that no create made a document; False when one did."""
    named = {"of_account": checks.name(account, "an account"),
             "of_kind": checks.name(kind, "a kind"),
             "of_id": checks.document_id(number)}  # fmt: skip
    _ATTRIBUTE_FREE(connection, {**named, "of_attempt": _FOREIGN, "of_moment": moment})
    return bool(_MADE(connection, named).scalar() == _FOREIGN)


def _attributed(dialect: str) -> sqlite.Insert | postgresql.Insert:
    return upsert_in(dialect, created).values(
        account=_ACCOUNT, kind=_KIND, id=_ID, attempt=_ATTEMPT, created_at=_MOMENT
    )


def _attributed_anew(dialect: str) -> sqlite.Insert | postgresql.Insert:
    statement = _attributed(dialect)
    keys = [created.c.account, created.c.kind, created.c.id]
    row = {"attempt": statement.excluded.attempt}
    return statement.on_conflict_do_update(index_elements=keys, set_=row)


_ATTRIBUTE = Statement(_attributed_anew)
_ATTRIBUTE_FREE = Statement(lambda dialect: _attributed(dialect).on_conflict_do_nothing())


def taken(claim: Claim, kind: str, numbers: Collection[int]) -> Select[Any]:
    """Select which of these documents other creates are known to have made."""
    return select(created.c.id).where(
        created.c.account == claim.entry.account,
        created.c.kind == kind,
        created.c.id.in_(list(numbers)),
        created.c.attempt != claim.entry.attempt,
    )


def rivals(claim: Claim) -> Select[Any] | None:
    """Select other creates in doubt that the same look-up would find; None when it finds none."""
    wanted = claim.entry.lookup.columns()
    same = [
        and_(*(answers.c[name] == wanted[name] for name in names))
        for names in (("number",), ("client", "issued_on", "total"))
        if all(wanted[name] is not None for name in names)
    ]
    if not same:
        return None
    return select(answers).where(
        answers.c.account == claim.entry.account,
        answers.c.attempt != claim.entry.attempt,
        answers.c.state.in_(DOUBTFUL),
        or_(*same),
    )
