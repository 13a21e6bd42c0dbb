"""Pages of HTML from the templates of a package."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape


@cache  # and with it its templates, which take longer to compile than to fill
def page_environment(*packages: str) -> Environment:
    """Templates beside the modules of ``packages``: values are escaped, none may be missing."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, ".") for package in packages]),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
