"""How CK4Gen makes a patient, panel by panel, drawn from the composed configuration."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure as Drawing

from ck4gen.config import defaults
from ck4gen.report.figures.boxes import FROZEN, NETWORK, arrow, box, funnel, layers, note, row
from ck4gen.report.items import Figure
from ck4gen.report.registry import figure
from ck4gen.report.results import FAMILY, Results
from ck4gen.report.style import COLUMN, OTHER, REAL, name_of

SCALES = {
    "boxcox": "Box-Cox,\nmin-max", "quantile": "quantiles", "minmax": "min-max",
    "normal": "normal scores,\nmin-max",
}  # fmt: skip
RECORDS = {
    "NoResiduals": "the decoder's output", "SampledResiduals": "drawn, with residuals",
    "SequentialResiduals": "drawn column by column",
}  # fmt: skip
ACTIVATIONS = {"relu": "ReLU", "relu6": "ReLU6", "elu": "ELU", "silu": "SiLU", "tanh": "tanh"}
TITLES = {
    "a": "Sample", "b": "Encode, decode", "c": "Postprocess", "d": "SynthNet",
    "e": "Teacher and student", "f": "Decoder training",
}  # fmt: skip


@figure(order=1, by_dataset=False)
def pipeline(results: Results) -> Figure:
    """Panels (a) to (f) of the shown generator, or of CK4Gen where that is none of its kind."""
    method = results.generator if results.generator.startswith(FAMILY) else FAMILY
    config = defaults(f"method={method}", f"trainer={results.training}")
    caption = (
        f"{name_of(method)} as conf/ configures it; gold: real patients, dark: synthetic ones, "
        "hatched: event and duration. (a) to (c) make a table; (e), then (d) and (f) train the "
        "networks. Numbers below layers are their widths; p is the number of terms of the Cox "
        "design, q that of entries of the record, which depend on the cohort."
    )
    commands = [f"ck4gen train method={method} --cfg job"]
    return Figure(f"The pipeline of {name_of(method)}", caption, diagram(config), commands)


def diagram(config: dict) -> Drawing:
    """Draw the pipeline.

    Args:
        config: ``conf/train.yaml``, composed with a method of the CK4Gen family.
    """
    method = config["method"]
    limit = config["trainer"]["limit_steps"]
    drawing, axes = plt.subplots(3, 2, figsize=(COLUMN, 4.6), layout="none")
    drawing.subplots_adjust(0.01, 0.01, 0.99, 0.96, wspace=0.08, hspace=0.14)
    for axis, (letter, title) in zip(axes.flat, TITLES.items(), strict=True):
        axis.set(xlim=(0, 1), ylim=(0, 1))
        axis.set_axis_off()
        axis.set_title(f"({letter}) {title}", loc="left", fontsize=7, fontweight="bold", pad=2)
    (a, b), (c, d), (e, f) = axes
    _sample(a, method, config["n_samples"])
    _decode(b, method)
    _postprocess(c, method)
    _synthnet(d, method)
    _distil(e, method, limit)
    _train(f, method, limit)
    return drawing


def _sample(axis: plt.Axes, method: dict, n_samples: int | None) -> None:
    for row_index in range(5):
        row(axis, 0.02, 0.82 - 0.13 * row_index, 0.5, 0.11, REAL, REAL)
    note(axis, 0.27, 0.95, "the real cohort")
    arrow(axis, (0.54, 0.56), (0.66, 0.56))
    if _class(method["latents"]) == "MixtureOfGaussians":
        box(axis, 0.82, 0.56, 0.3, 0.3, "Gaussian\nmixture of\nlatents")
        sentence = (
            f"at most {method['latents']['components']} Gaussians, BIC chooses;\n"
            f"{method['latents']['rows_per_dimension']:g} rows or more a dimension of each;\n"
            "no row is sampled"
        )
    else:
        row(axis, 0.68, 0.56, 0.32, 0.11, REAL, REAL)
        note(axis, 0.84, 0.68, "a row")
        sentence = (
            "every row once" if n_samples is None else f"{n_samples} rows, drawn with replacement"
        )
    note(axis, 0.5, 0.06, sentence)


def _decode(axis: plt.Axes, method: dict) -> None:
    latent, noise = _latent(method), method["noise"]
    row(axis, 0.0, 0.6, 0.24, 0.1, REAL, None)
    arrow(axis, (0.17, 0.6), (0.22, 0.6))
    funnel(axis, 0.35, 0.6, 0.25, 0.5, 0.3, "encoder\n(student)")
    arrow(axis, (0.48, 0.6), (0.525, 0.6))
    box(axis, 0.555, 0.6, 0.06, 0.3)
    note(axis, 0.555, 0.84, f"latent,\n{latent} wide")
    arrow(axis, (0.585, 0.6), (0.63, 0.6))
    funnel(axis, 0.75, 0.6, 0.24, 0.3, 0.5, "SynthNet")
    arrow(axis, (0.87, 0.6), (0.915, 0.6))
    box(axis, 0.955, 0.6, 0.07, 0.5, colour=OTHER)
    if _class(method["latents"]) == "MixtureOfGaussians":
        note(axis, 0.13, 0.24, "training\nonly")
    sentence = f"latent noise of SD {noise:g}" if noise else "no noise on the latent"
    output = RECORDS[_class(method["residuals"])]
    note(axis, 0.5, 0.06, f"{sentence};\nrecord: {output}")


def _postprocess(axis: plt.Axes, method: dict) -> None:
    copied = _class(method["outcomes"]) == "Copied"
    box(axis, 0.06, 0.7, 0.08, 0.4, colour=OTHER)
    note(axis, 0.06, 0.43, "[0, 1]")
    arrow(axis, (0.11, 0.7), (0.17, 0.7))
    box(axis, 0.36, 0.7, 0.36, 0.3, f"inverse of\n{SCALES[method['numeric']]}")
    arrow(axis, (0.55, 0.7), (0.62, 0.7))
    row(axis, 0.63, 0.7, 0.37, 0.13, OTHER, REAL if copied else OTHER)
    arrow(axis, (0.94, 0.4), (0.94, 0.62))
    source = "copied from (a)" if copied else "from the teacher"
    note(axis, 1.0, 0.31, f"event and duration: {source}", ha="right")
    lines = []
    if method["quantile_group"] is not None:
        group = method["quantile_group"]
        lines.append("numerics take real quantiles" + (f", {group} averaged" if group > 1 else ""))
    if method["calibration"]:
        lines.append("noise calibrated to real Cox models")
    note(axis, 0.5, 0.1, "\n".join(lines))


def _synthnet(axis: plt.Axes, method: dict) -> None:
    widths = [_latent(method), *method["decoder"]["hidden"], "q"]
    step = 0.86 / (len(widths) - 1)
    colours = [FROZEN, *[NETWORK] * (len(widths) - 2), OTHER]
    layers(axis, 0.07, 0.66, step, widths, colours)
    note(axis, 0.07, 0.93, "latent")
    note(axis, 0.5, 0.93, ACTIVATIONS[method["decoder"]["activation"]])
    note(axis, 0.93, 0.93, "record")
    note(axis, 0.5, 0.17, "output: sigmoid\n(categories: softmax);\ntarget: preprocessed record")


def _distil(axis: plt.Axes, method: dict, limit: int | None) -> None:
    encoder = method["encoder"]
    box(axis, 0.22, 0.9, 0.42, 0.15, "teacher: Cox PH", REAL)
    arrow(axis, (0.43, 0.9), (0.595, 0.9))
    box(axis, 0.79, 0.9, 0.38, 0.19, f"log(-log S(t|x)),\n{encoder['knots']} knots", "white")
    arrow(axis, (0.83, 0.69), (0.83, 0.8))
    note(axis, 0.81, 0.745, "match", ha="right")
    box(axis, 0.83, 0.54, 0.3, 0.3, f"{encoder['components']} Cox\nmodels\n(mixture)")
    widths = ["p", *([*encoder["hidden"], encoder["latent"]] if encoder["latent"] else [])]
    step = 0.52 / max(1, len(widths) - 1)
    colours = [REAL, *[NETWORK] * (len(widths) - 2), FROZEN][: len(widths)]
    layers(axis, 0.06, 0.54, step, widths, colours)
    arrow(axis, (0.1 + step * (len(widths) - 1), 0.54), (0.68, 0.54))
    how = "together with the decoder" if _joint(method) else _steps(encoder, limit)
    note(axis, 0.5, 0.11, f"student: Deep Cox Mixture;\nloss: {_weights(encoder)};\n{how}")


def _train(axis: plt.Axes, method: dict, limit: int | None) -> None:
    joint = _joint(method)
    funnel(axis, 0.17, 0.75, 0.3, 0.4, 0.24, "encoder" if joint else "encoder,\nfrozen",
           NETWORK if joint else FROZEN)  # fmt: skip
    arrow(axis, (0.32, 0.75), (0.42, 0.75))
    funnel(axis, 0.56, 0.75, 0.28, 0.24, 0.4, "SynthNet")
    arrow(axis, (0.7, 0.75), (0.78, 0.75))
    box(axis, 0.83, 0.75, 0.08, 0.4, colour=OTHER)
    box(axis, 0.95, 0.75, 0.08, 0.4, colour=REAL)
    note(axis, 0.89, 0.46, "output,\ntarget")
    loss = "loss: squared error / variance or\ncross-entropy, mean over columns"
    if joint:
        loss += " + (e)"
    note(axis, 0.5, 0.17, f"{loss};\n{_steps(method['decoder'], limit)}")


def _class(node: dict) -> str:
    """Name of the class of a part."""
    return node["_target_"].rpartition(".")[2]


def _joint(method: dict) -> bool:
    return method["training"] == "joint"  # both networks at once, in the decoder's steps


def _latent(method: dict) -> int | str:
    return method["encoder"]["latent"] or "p"  # 0: the terms themselves


def _weights(encoder: dict) -> str:
    loss = f"distillation x {encoder['distillation_weight']:g}"
    weight = encoder["likelihood_weight"]
    return loss + (f" + likelihood x {weight:g}" if weight else "")


def _steps(stage: dict, limit: int | None) -> str:
    steps = stage["steps"] if limit is None else min(stage["steps"], limit)
    return f"Adam, {steps} steps, rate {stage['learning_rate']:g} to 0"
