"""The layout: imports go downwards only, what may be used where, nothing grows too large."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "infakt_compat"

#: From the bottom up; a module imports its own layer and those below (design.md).
LAYERS = [
    {"errors", "money", "notices"},
    {"tables", "codecs", "model"},
    {"translate", "v3", "store"},
    {"facade"},
    {"migrate", "dropin"},
    {"cli", "standin"},  # what the stand-in itself may import is said below
]
#: Which top-level modules may import a library, where that is fixed.
ONLY_IN = {
    "requests": {"v3", "dropin", "standin", "testing"},
    "lxml": {"codecs", "migrate"},
    "rich": {"cli"},
    "click": {"cli"},
    "hypothesis": {"testing"},
    "pytest": {"testing"},
}


def modules() -> list[Path]:
    """Give every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """Name the part of the package that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Give the names of the modules that a module imports, also late ones."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(name: str) -> int:
    """Give the layer of a part."""
    return next((i for i, parts in enumerate(LAYERS) if name in parts), len(LAYERS))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_downwards(path: Path) -> None:
    """No module imports from a layer above its own."""
    own = part(path)
    for name in imported(path):
        parts = name.split(".")
        if (
            parts[0] != "infakt_compat"
            or len(parts) < 2
            or own in ("__init__", "__main__", "testing")
        ):
            continue
        if own != "standin":
            assert layer(parts[1]) <= layer(own) or parts[1].startswith("__"), name
        else:
            assert parts[1] in ("standin", "errors"), f"the stand-in knows nothing of {parts[1]}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "testing").glob("*.py")), ids=lambda p: p.name)
def test_strategies_know_nothing_of_the_translation(path: Path) -> None:
    """They are written by hand, else the laws would agree with themselves; one fixture needs more.

    Only the fixtures import pytest and the stand-in, so that strategies do without both.
    """
    allowed = {"infakt_compat.money", "infakt_compat.money.NumberText"}
    if path.name == "fixtures.py":
        allowed = {"infakt_compat.standin", "infakt_compat.standin.StandIn", "pytest"}
    for name in imported(path):
        own = f"{name}.".startswith("infakt_compat.testing.")
        if name.partition(".")[0] in ("infakt_compat", "pytest") and not own:
            assert name in allowed, name
        assert not name.startswith("infakt_compat.testing.fixtures")


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_libraries_stay_where_they_belong(path: Path) -> None:
    """A library with one home is imported there only."""
    for name in imported(path):
        homes = ONLY_IN.get(name.partition(".")[0])
        assert homes is None or part(path) in homes, name


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_prints_and_no_float_is_near_money(path: Path) -> None:
    """`print` is called nowhere; `float` only where times are counted."""
    forbidden = {"print"} if part(path) in ("standin", "v3", "store") else {"print", "float"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in forbidden, f"line {node.lineno}"


def test_functions_and_modules_stay_small() -> None:
    """No module has more than 400 lines, no function more than 50."""
    large = []
    for path in modules():
        text = path.read_text("utf-8")
        if text.count("\n") > 400:
            large.append(str(path))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name != "command":
                length = (node.end_lineno or 0) - node.lineno + 1
                large += [f"{path}:{node.name}"] if length > 50 else []
    assert large == []
