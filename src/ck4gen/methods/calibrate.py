"""The hazard ratios of the real analysis in the tables of any fitted generator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from ck4gen.methods.base import Synthesizer
from ck4gen.methods.calibration_target import CalibrationTarget
from ck4gen.methods.ck4gen import CK4Gen
from ck4gen.methods.reselected import Reselected
from ck4gen.settings import InputError, choose

ROUTES = ("auto", "noise", "selection")
BY_NOISE = "vae_calibrated"  # whose teacher and calibration are the defaults of that route


def calibrate(
    synthesizer: Synthesizer,
    teacher: Mapping | None = None,
    calibration: Mapping | None = None,
    reselection: Mapping | None = None,
    guard: Mapping | None = None,
    by: str = "auto",
) -> Synthesizer:
    """A generator whose tables satisfy the real analysis, from one that is fitted.

    Its noise is moved where it is a network of this package (CK4Gen with noise, VAE, GAN). Any
    other, also a subclass of :class:`Synthesizer` of your own, draws more rows than are wanted, and
    some are taken. Each table is judged by a refit; ``diagnostics`` has ``calibration/met``.

    Args:
        synthesizer: A fitted method; it stays as it is.
        teacher: Keys of ``conf/teacher``: the analysis.
        calibration: Keys of ``conf/calibration``.
        reselection: Keys of ``reselection`` in ``conf/method/reselected.yaml``.
        guard: Keys of ``conf/guard``, of the numbers that are calibrated to; a CK4Gen has its own.
        by: ``noise``, ``selection``, or ``auto``: noise where the method has it.

    Returns:
        A fitted method; draw from it by ``sample(n, seed)``.

    Raises:
        InputError: The method is not fitted, or a key or value is wrong.
    """
    choose("by", by, ROUTES)
    if not isinstance(synthesizer, Synthesizer):
        kind = type(synthesizer).__name__
        raise InputError(f"calibrate takes a Synthesizer, and was given a value of type {kind}")
    if not hasattr(synthesizer, "data"):
        raise InputError("the method is not fitted; use calibrate(method.fit(...))")
    if by == "noise" and not synthesizer.has_noise:
        kind = type(synthesizer).__name__
        raise InputError(f"by is 'noise', and {kind} has none to move; use by='selection'")
    if by != "selection" and synthesizer.has_noise:
        if reselection is not None:
            raise InputError("reselection is given, and noise is moved; use by='selection' as well")
        target = CalibrationTarget.of(BY_NOISE, teacher, calibration, guard)
        if isinstance(synthesizer, CK4Gen):
            if guard is not None:
                raise InputError("the guard of a CK4Gen is its own; give it before it is fitted")
            target = replace(target, guard=synthesizer.guard_settings)
        conditions, guarded = target.on(synthesizer.data, synthesizer.training)
        calibrated = synthesizer.calibrated(conditions)
        if not isinstance(synthesizer, CK4Gen):
            calibrated.know(guarded)
            if calibrated.arguments is not None and target.guard is not None:
                calibrated.arguments |= {"guard": asdict(target.guard)}
        return calibrated
    reselected = Reselected(synthesizer, teacher, calibration, reselection, guard)
    reselected.adopt()
    return reselected
