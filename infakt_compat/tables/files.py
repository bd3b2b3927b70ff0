"""Where the data files are: inside the installed package, or beside it in a checkout."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def data_folder(name: str) -> Traversable:
    """Give the folder `mappings` or `legacy_samples`.

    The wheel carries both inside the package; an editable install, whose forced files do not show
    as a package, has them beside it (design.md).
    """
    inside = files("infakt_compat").joinpath(name)
    return inside if inside.is_dir() else Path(__file__).parents[2] / name
