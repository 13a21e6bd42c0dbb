"""The card of a run that may leave the house: what was made, and what a recipient may conclude."""

from __future__ import annotations

from ck4gen.experiments.public_part.about import KEPT_BACK
from ck4gen.experiments.share_readme import conclusions

CARD = """\
# {dataset}, {method}

Synthetic patients with survival times, made by ck4gen {version} (commit {commit}).

{may}

{may_not}

{kept_back}
"""


def public_card(report: dict, codebook: str) -> str:
    """The card, as Markdown: nothing of what was found on real patients.

    Neither the seed nor the id: with them, whoever knows all patients but one could make a table
    of a method without a guard again, or hash the file again, and see whether that one was in.

    Args:
        report: Report of the run.
        codebook: Its codebook, YAML text.
    """
    may, may_not = conclusions(codebook, report)
    return CARD.format(
        **{key: report[key] for key in ("dataset", "method", "commit")},
        version=report["versions"]["ck4gen"],
        may=may,
        may_not=may_not,
        kept_back=KEPT_BACK,
    )
