"""The layout: imports go downwards only, what may be used where, nothing grows too large."""

import ast
from functools import cache
from pathlib import Path

import pytest
from attrs import frozen

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


@frozen
class Facts:
    """What a module imports (also late), calls by a plain name, and how long its functions are."""

    imports: list[str]
    calls: list[str]
    lengths: dict[str, int]
    lines: int


@cache
def facts(path: Path) -> Facts:
    """Read a module once for all tests."""
    text = path.read_text("utf-8")
    found = Facts([], [], {}, text.count("\n"))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.imports.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found.imports.extend([node.module, *names])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.calls.append(f"{node.func.id}, line {node.lineno}")
        elif isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            found.lengths[f"{node.name}, line {node.lineno}"] = length
    return found


def layer(name: str) -> int:
    """Give the layer of a part."""
    return next((i for i, parts in enumerate(LAYERS) if name in parts), len(LAYERS))


def test_imports_go_downwards() -> None:
    """No module imports from a layer above its own; the stand-in knows nothing of the others."""
    upwards = []
    for path in modules():
        own = part(path)
        if own in ("__init__", "__main__", "testing"):
            continue
        for name in facts(path).imports:
            home, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if home != "infakt_compat" or not other or other.startswith("__"):
                continue
            known = other in ("standin", "errors")
            if not known if own == "standin" else layer(other) > layer(own):
                upwards.append(f"{path}: {name}")
    assert upwards == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "testing").glob("*.py")), ids=lambda p: p.name)
def test_strategies_know_nothing_of_the_translation(path: Path) -> None:
    """They are written by hand, else the laws would agree with themselves; one fixture needs more.

    Only the fixtures import pytest and the stand-in, so that strategies do without both.
    """
    allowed = {"infakt_compat.money", "infakt_compat.money.NumberText"}
    if path.name == "fixtures.py":
        allowed = {"infakt_compat.standin", "infakt_compat.standin.StandIn", "pytest"}
    for name in facts(path).imports:
        own = f"{name}.".startswith("infakt_compat.testing.")
        if name.partition(".")[0] in ("infakt_compat", "pytest") and not own:
            assert name in allowed, name
        assert not name.startswith("infakt_compat.testing.fixtures")


def test_libraries_stay_where_they_belong() -> None:
    """A library with one home is imported there only."""
    astray = [
        f"{path}: {name}"
        for path in modules()
        for name in facts(path).imports
        if part(path) not in ONLY_IN.get(name.partition(".")[0], {part(path)})
    ]
    assert astray == []


def test_nothing_prints_and_no_float_is_near_money() -> None:
    """`print` is called nowhere; `float` only where times are counted."""
    found = []
    for path in modules():
        forbidden = {"print"} if part(path) in ("standin", "v3", "store") else {"print", "float"}
        found += [
            f"{path}: {call}" for call in facts(path).calls if call.partition(",")[0] in forbidden
        ]
    assert found == []


def test_functions_and_modules_stay_small() -> None:
    """No module has more than 400 lines, no function more than 50."""
    large = [str(path) for path in modules() if facts(path).lines > 400]
    for path in modules():
        for name, length in facts(path).lengths.items():
            if length > 50 and not name.startswith("command,"):
                large.append(f"{path}: {name}")
    assert large == []
