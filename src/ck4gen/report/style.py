"""How every figure looks: colours, fonts, and the width of a paper's column."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib

COLUMN = 3.5  # inches, one column of a two-column paper
REAL = "#c8960c"  # gold, always
SYNTHETIC = {"gbsg2": "#6a3d9a", "actg320": "#2e7d32", "whas500": "#666666", "flchain": "#1f6fb2"}
OTHER = "#444444"  # a user's own cohort
HATCH = "/////"  # of synthetic bars, so that they can be told from gold in grey
DATASETS = {"gbsg2": "GBSG2", "actg320": "ACTG320", "whas500": "WHAS500", "flchain": "FLChain"}
METHODS = {
    "ck4gen": "CK4Gen", "ck4gen_calibrated": "CK4Gen calibrated", "ck4gen_free": "CK4Gen free",
    "vae_calibrated": "VAE calibrated", "gan_calibrated": "GAN calibrated",
    "cart_reselected": "CART reselected", "arf_reselected": "ARF reselected",
    "smotenc_reselected": "SMOTENC reselected",
    "vae": "VAE", "gan": "GAN", "cart": "CART", "arf": "ARF", "smote": "SMOTE",
    "smotenc": "SMOTENC", "adasyn": "ADASYN", "borderline_smote": "Borderline SMOTE",
    "svm_smote": "SVM SMOTE", "random_oversampler": "Random oversampler", "ctgan": "CTGAN",
    "tvae": "TVAE", "independent": "Shuffled columns", "bootstrap": "Bootstrap",
    "fresh": "Fresh patients",
}  # fmt: skip
BLUE, RED, GREEN, PINK, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#444444"
MARKS = {  # one a method; kin share a colour (Okabe and Ito's, without gold)
    "ck4gen": ("o", BLUE), "ck4gen_calibrated": ("s", BLUE), "ck4gen_free": ("^", BLUE),
    "vae": ("D", RED), "gan": ("v", RED), "ctgan": ("<", RED), "tvae": (">", RED),
    "cart": ("P", GREEN), "arf": ("X", GREEN),
    "smote": ("o", PINK), "smotenc": ("s", PINK), "adasyn": ("^", PINK),
    "borderline_smote": ("v", PINK), "svm_smote": ("D", PINK), "random_oversampler": ("P", PINK),
    "independent": ("X", GREY), "bootstrap": ("o", GREY), "fresh": ("s", GREY),
}  # fmt: skip
RC = {
    "font.family": "DejaVu Sans", "font.size": 7, "axes.titlesize": 7.5, "axes.labelsize": 7,
    "xtick.labelsize": 6.5, "ytick.labelsize": 6.5, "legend.fontsize": 6.5,
    "axes.linewidth": 0.6, "lines.linewidth": 1.0, "axes.spines.top": False,
    "axes.spines.right": False, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "pdf.fonttype": 42, "ps.fonttype": 42,  # fonts embedded as text, not as outlines
    "figure.constrained_layout.use": True, "legend.frameon": False, "svg.hashsalt": "ck4gen",
}  # fmt: skip


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style, without a display."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # tells of every table it drops
    with matplotlib.rc_context(RC):
        yield


def name_of(method: str) -> str:
    """A method as people write it."""
    return METHODS.get(method, method)


def colour_of(dataset: str) -> str:
    """Colour of synthetic patients of a dataset."""
    return SYNTHETIC.get(dataset, OTHER)


def mark_of(method: str) -> dict[str, object]:
    """Marker of a method, as keys of ``plot``; those of references are hollow."""
    marker, colour = MARKS.get(method, ("*", GREY))
    face = "white" if colour == GREY else colour
    return {"marker": marker, "color": colour, "mfc": face, "mec": colour, "mew": 0.7, "ms": 4}
