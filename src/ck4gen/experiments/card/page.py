"""A card as a page: everything on it stands in its content."""

from __future__ import annotations

from markupsafe import Markup

from ck4gen.experiments.card.attack_drawing import attack_figure
from ck4gen.experiments.card.attackers import Attack
from ck4gen.experiments.card.comparison import forest_figure
from ck4gen.experiments.card.curve_points import curve_figure
from ck4gen.pages import page_environment

CARD, AUDIT = "card.html.j2", "audit.html.j2"


def page(content: dict, template: str = CARD) -> str:
    """The page as HTML.

    Args:
        content: Of :func:`ck4gen.experiments.card.content.content`, or of an audit of tables that
            were made anywhere.
        template: The template that shows it.
    """
    attackers = [Attack(**row) for row in content["attackers"]]
    return (
        page_environment("ck4gen.experiments.card")
        .get_template(template)
        .render(
            content,
            tone=content["verdict"]["tone"],
            forest=forest_figure(content["hazard_ratios"]),
            figures=[curve_figure(points) for points in content["curves"]],
            gains=Markup(attack_figure(attackers, chance=False)),
            chances=Markup(attack_figure(attackers, chance=True)),
        )
    )
