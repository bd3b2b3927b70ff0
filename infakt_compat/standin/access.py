"""Who may do what: keys, scopes, and the plan (v3-wire 0, 2.1, 2.2)."""

from __future__ import annotations

from .errors import plain
from .messages import Request
from .world import World

NO_KEY_TEXT = "Brak autoryzacji. Nieprawidłowy klucz API."
NO_SCOPE_TEXT = "Brak uprawnień klucza API do danego zasobu."
IP_TEXT = "Dostęp z tego adresu IP został zablokowany."
LOCKED_TEXT = "Konto jest zablokowane."


def key_of(world: World, request: Request) -> str:
    """Return the key of the header, in the classic dialect also of the query (v3-wire 0)."""
    key = request.headers.get("x-infakt-apikey") or ""
    if not key and world.classic:
        key = request.params.get("api_key", "")
    return key


def account_of(world: World, request: Request) -> str:
    """Whose reads are counted together; without a known key, the address's."""
    known = world.store.settings["keys"].get(key_of(world, request))
    return str(known["account"]) if known else request.ip


def check(world: World, request: Request, scopes: tuple[str, ...]) -> None:
    """401 without a known key or one of the scopes, 403 and 423 where the account is shut."""
    known = world.store.settings["keys"].get(key_of(world, request))
    if known is None:
        raise plain(401, NO_KEY_TEXT)
    if scopes and not set(scopes) & set(known["scopes"]):
        raise plain(401, NO_SCOPE_TEXT)
    plan = world.option("plan")
    if plan["ip_blocked"]:
        raise plain(403, IP_TEXT)
    if plan["locked"]:
        raise plain(423, LOCKED_TEXT)
