"""Hook of MkDocs: what lies outside ``docs/`` is no page of the site, so its links become text.

On GitHub these links work as they are. A link to a file that is not there ends the build.
"""

import re
from pathlib import Path

from mkdocs.exceptions import PluginError

DOCS = Path(__file__).parent
LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]*)(#[^)]*)?\)")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace each link to a file of the repository by the text of the link."""

    def plain(link: re.Match[str]) -> str:
        if not (DOCS / link[2]).exists():
            raise PluginError(f"a page links to {link[2]}, which is not there")
        return link[1]

    return LINK.sub(plain, markdown)
