"""The door's tables: as the code describes them, beside the store's, and never downgraded."""

import pytest
from sqlalchemy import create_engine, inspect, text

from infakt_compat.dropin.door import Door
from infakt_compat.dropin.tables import COMPONENT, STEPS, metadata
from infakt_compat.store import SchemaTooNew, open_store
from infakt_compat.store.location import locate

from .support import Clock, gateway


def test_the_tables_are_what_the_code_says(url: str) -> None:
    """Columns, keys and indexes; a second gateway finds them made."""
    for _ in range(2):
        with open_store(url) as store:
            Door(gateway(), store, Clock())
    engine = create_engine(locate(url))
    found = inspect(engine)
    for table in metadata.sorted_tables:
        columns = {one["name"]: one for one in found.get_columns(table.name)}
        assert set(columns) == {column.name for column in table.c}
        for column in table.c:
            assert columns[column.name]["nullable"] == column.nullable
            assert isinstance(columns[column.name]["type"], type(column.type))
        keys = found.get_pk_constraint(table.name)["constrained_columns"]
        assert keys == [column.name for column in table.primary_key]
        indexes = {one["name"] for one in found.get_indexes(table.name)}
        assert indexes == {index.name for index in table.indexes}
    engine.dispose()


def test_tables_of_a_newer_gateway_are_left_alone(url: str) -> None:
    """Who wrote them knows more than we do."""
    with open_store(url) as store:
        Door(gateway(), store, Clock())
        newer = text("UPDATE infakt_versions SET version = :newer WHERE component = :component")
        values = {"newer": len(STEPS) + 1, "component": COMPONENT}
        store.database.write(lambda connection: connection.execute(newer, values))
        with pytest.raises(SchemaTooNew):
            Door(gateway(), store, Clock())
