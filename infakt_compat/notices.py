"""What a translation wants said about a document."""

from attrs import frozen


@frozen
class Notice:
    """One thing that a translation wants said.

    `code` and its `level` (`info`: kept and comes back; `warning`: the other side shows another
    value) stand in `mappings/notices.toml`; `path` names the place; `detail` quotes the values.
    """

    code: str
    level: str
    path: str
    detail: str = ""
