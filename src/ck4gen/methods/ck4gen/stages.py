"""How encoder and decoder are trained: as published or at once, and then the heads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ck4gen.models.training import Training

if TYPE_CHECKING:
    from torch import Tensor
    from torch.utils.data import DataLoader

    from ck4gen.data.encoded_cohort import EncodedCohort
    from ck4gen.models.decoder_module import DecoderModule
    from ck4gen.models.encoder_module import EncoderModule
    from ck4gen.models.heads_module import HeadsModule


@dataclass(frozen=True)
class Stages:
    """What a training of both networks needs.

    Attributes:
        cohort: The encoded training rows.
        training: Trainer settings and seed.
        encoder: Arguments of :class:`EncoderModule`.
        decoder: Arguments of :class:`DecoderModule`.
    """

    cohort: EncodedCohort
    training: Training
    encoder: dict
    decoder: dict


Trained: TypeAlias = "tuple[EncoderModule, DecoderModule, int]"  # both networks, and the steps made


def latent_of(encoder: EncoderModule, x: Tensor) -> Tensor:
    """(n, p) -> (n, d) standardised latent, on the CPU."""
    import torch  # seconds, and Lightning below: a wrong key is refused without them

    with torch.no_grad():
        return encoder(x.to(encoder.device)).cpu()


def train_in_turn(stages: Stages) -> Trained:
    """Stage 1, then stage 2 on the frozen latent, as published."""
    from ck4gen.models.decoder_module import DecoderModule
    from ck4gen.models.encoder_module import EncoderModule

    cohort, training = stages.cohort, stages.training
    encoder = EncoderModule(**stages.encoder)
    steps = training.fit(encoder, _loader(cohort, training, encoder), "encoder", _steps(encoder))
    cohort = cohort.with_tensors(latent=latent_of(encoder, cohort.tensors["x"]))
    decoder = DecoderModule(**stages.decoder)
    steps += training.fit(decoder, _loader(cohort, training, decoder), "decoder", _steps(decoder))
    return encoder, decoder, steps + _train_heads(decoder, cohort, training)


def train_together(stages: Stages) -> Trained:
    """Both at once, in the decoder's steps: the ablation."""
    from ck4gen.models.joint_module import JointModule

    joint = JointModule(stages.encoder, stages.decoder)
    loader = _loader(stages.cohort, stages.training, joint.decoder)
    steps = stages.training.fit(joint, loader, "joint", _steps(joint.decoder))
    latent = latent_of(joint.encoder, stages.cohort.tensors["x"])
    cohort = stages.cohort.with_tensors(latent=latent)
    return (
        joint.encoder,
        joint.decoder,
        steps + _train_heads(joint.decoder, cohort, stages.training),
    )


TRAININGS: dict[str, Callable[[Stages], Trained]] = {
    "staged": train_in_turn,
    "joint": train_together,
}


def _train_heads(decoder: DecoderModule, cohort: EncodedCohort, training: Training) -> int:
    """Stage 3, where records are drawn column by column; the steps made."""
    if decoder.heads is None:
        return 0
    from ck4gen.models.heads_module import HeadsModule

    heads = HeadsModule(decoder.train(), len(cohort.tensors["record"]))
    return training.fit(heads, _loader(cohort, training, heads), "heads", _steps(heads))


def _loader(
    cohort: EncodedCohort, training: Training, module: EncoderModule | DecoderModule | HeadsModule
) -> DataLoader:
    size, per_epoch = module.settings.batch_size, training.settings.steps_per_epoch
    return cohort.loader(size, per_epoch, training.seed)


def _steps(module: EncoderModule | DecoderModule | HeadsModule) -> int:
    return module.settings.steps
