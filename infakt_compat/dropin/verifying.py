"""Verifies signatures: of a consumer and a token that there are, and of this moment.

Whatever is wrong, the same work is done: a consumer or token that there is not is checked against
secrets that nobody knows, and no check ends another. So neither the answer nor its time tells which
of them failed.
"""

from collections.abc import Callable, Sequence

from infakt_compat.dropin import oauth
from infakt_compat.dropin.accounts import Accounts, Consumer, Right
from infakt_compat.dropin.addresses import own_urls
from infakt_compat.dropin.admission import NotAdmitted
from infakt_compat.dropin.config import Account, Gateway
from infakt_compat.dropin.messages import Request
from infakt_compat.dropin.oauth import Signed

Clock = Callable[[], float]


class Verifier:
    """Verifies signed requests against the accounts of a configuration."""

    def __init__(self, config: Gateway, accounts: Accounts, clock: Clock) -> None:
        """Take the base URLs for which callers may sign: the public ones, and our own address's."""
        self._accounts = accounts
        self._clock = clock
        self._skew = config.clock_skew
        self._urls = tuple(dict.fromkeys([*config.base_urls, *own_urls(config.listen)]))

    def access(self, request: Request, signed: Signed) -> Account:
        """Give the account that a request's token belongs to; raises `NotAdmitted`."""
        consumer = self._accounts.consumer(signed.consumer)
        right = self._accounts.access(consumer, signed.token)
        self._verify(request, signed, consumer, right, [request.method])
        assert right.account is not None  # else it is not valid
        return right.account

    def login(self, request: Request, signed: Signed, methods: Sequence[str]) -> Consumer:
        """Give the consumer that asks for a token, signed for one of these methods."""
        consumer = self._accounts.consumer(signed.consumer)
        right = self._accounts.login(consumer, signed.token)
        self._verify(request, signed, consumer, right, methods)
        return consumer

    def _verify(
        self,
        request: Request,
        signed: Signed,
        consumer: Consumer,
        right: Right,
        methods: Sequence[str],
    ) -> None:
        secrets = consumer.secret.reveal(), right.secret.reveal()
        fits = False
        for method in methods:
            for url in self._urls:
                expected = oauth.signature(method, url + request.path, signed, *secrets)
                fits |= expected.matches(signed.signature)
        off = round(self._clock()) - signed.timestamp
        where = "behind" if off > 0 else "ahead of"
        whole = signed.body_hash is None or oauth.body_hash(request.body).matches(signed.body_hash)
        whose = f" (a caller of {', '.join(consumer.accounts)})" if consumer.known else ""
        wrong = {
            "unknown consumer key": not consumer.known,
            f"unknown token{whose}": not right.valid,
            f"timestamp{whose}: {abs(off)} s {where} our clock, {self._skew} s allowed":
                abs(off) > self._skew,
            f"signature{whose}: {self._tried(request)}": not fits,
            f"oauth_body_hash{whose} is not that of the body": not whole,
        }  # fmt: skip
        if any(wrong.values()):
            raise NotAdmitted(next(reason for reason, holds in wrong.items() if holds))

    def _tried(self, request: Request) -> str:
        """Say for which base URLs it was tried: a missing one is the most frequent cause."""
        host = (request.header("Host") or "")[:100]
        urls = " ".join(self._urls)
        return f"a wrong secret, or the caller uses none of {urls} (its Host is {host})"
