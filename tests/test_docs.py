"""The pages: what they link to is there, and they build as a site."""

import os
import re
import subprocess
import sys

import pytest

from ck4gen.config import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("*/*.md"))]
LINK = re.compile(r"(?:\]\(|src=\")([^)\"#\s]+)(?:#([^)\"]+))?[)\"]")


def anchors(page):
    """Anchors of the headings of a page, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target, anchor in LINK.findall(text):
        if target.startswith("http"):
            continue
        file = (page.parent / target).resolve()
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@pytest.mark.slow
def test_the_site_builds_without_a_warning_or_the_network(tmp_path):
    offline = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | offline, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "ck4gen synthesize" in (tmp_path / "your_cohort.html").read_text()
    for page in tmp_path.glob("*.html"):
        for picture in re.findall(r'<img src="([^":]+)"', page.read_text()):
            assert (page.parent / picture).is_file(), f"{page.name}: {picture}"
    reference = (tmp_path / "python.html").read_text()
    assert "rows that the generator was fitted on" in reference  # a docstring
    assert "fonts.googleapis" not in reference
