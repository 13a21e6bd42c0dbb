"""The keys of the networks; apart from them, so that a wrong one is refused without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ck4gen.constraints import (
    Above,
    AtLeast,
    Below,
    Natural,
    NonNegative,
    OneOf,
    Positive,
    Widths,
    check_fields,
)

ACTIVATIONS = {"relu": "ReLU", "relu6": "ReLU6", "elu": "ELU", "silu": "SiLU", "tanh": "Tanh"}
Activation = Annotated[str, OneOf(tuple(ACTIVATIONS))]  # each a class of torch.nn
ShareBelow = Annotated[float, AtLeast(0), Below(1)]


@dataclass(frozen=True)
class EncoderSettings:
    """The keys of ``conf/encoder``; each is described there."""

    hidden: Widths
    latent: Natural
    components: Positive
    gamma: NonNegative
    activation: Activation
    knots: Positive
    distillation_weight: NonNegative
    likelihood_weight: NonNegative
    learning_rate: NonNegative
    steps: Positive
    batch_size: Positive | None

    def __post_init__(self) -> None:
        check_fields("method.encoder", self)


@dataclass(frozen=True)
class DecoderSettings:
    """The keys of ``conf/decoder``; each is described there."""

    hidden: Widths
    activation: Activation
    learning_rate: NonNegative
    steps: Positive
    batch_size: Positive | None

    def __post_init__(self) -> None:
        check_fields("method.decoder", self)


@dataclass(frozen=True)
class HeadSettings:
    """The keys of ``conf/residuals/sequential.yaml`` for the heads; each is described there."""

    hidden: Positive
    negative_slope: ShareBelow
    components: Positive
    least_sd: Annotated[float, Above(0)]
    decay_rows: NonNegative
    learning_rate: NonNegative
    steps: Positive
    batch_size: Positive | None

    def __post_init__(self) -> None:
        check_fields("method.residuals", self)


@dataclass(frozen=True)
class VAESettings:
    """The keys of ``network`` in ``conf/method/vae.yaml``; each is described there."""

    hidden: Widths
    activation: Activation
    latent: Positive
    kl_weight: NonNegative
    learning_rate: NonNegative
    steps: Positive
    batch_size: Positive | None

    def __post_init__(self) -> None:
        check_fields("method.network", self)


@dataclass(frozen=True)
class GANSettings:
    """The keys of ``network`` in ``conf/method/gan.yaml``; each is described there."""

    generator: Widths
    critic: Widths
    activation: Activation
    latent: Positive
    temperature: Annotated[float, Above(0)]
    penalty: NonNegative
    critic_steps: Positive
    learning_rate: NonNegative
    momentum: ShareBelow
    decay: ShareBelow
    averaging: ShareBelow
    steps: Positive
    batch_size: Positive | None

    def __post_init__(self) -> None:
        check_fields("method.network", self)
