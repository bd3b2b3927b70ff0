"""Headers are found by any case of their names, as HTTP has it."""

from urllib.request import Request, urlopen

from infakt_compat.standin import StandIn


def test_urllib_spells_headers_its_own_way() -> None:
    """`X-infakt-apikey` is the same header as `X-inFakt-ApiKey`."""
    with StandIn() as standin:
        request = Request(
            f"{standin.url}/clients.json", headers={"X-inFakt-ApiKey": standin.api_key}
        )
        assert request.get_header("X-infakt-apikey") == standin.api_key
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200
