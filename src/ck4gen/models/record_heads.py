"""Heads that draw the columns of a record one after another."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ck4gen.models.joined_columns import joined
from ck4gen.models.record_draws import draw_discrete
from ck4gen.models.settings import HeadSettings

LOG_ROOT_2_PI = 0.5 * math.log(2 * math.pi)
BISECTIONS = 10  # of the stretch between the quantiles of a mixture's Gaussians
LEAST_DENSITY = 0.05  # in a gap of a mixture, where a gradient would be without bound
MOST_LOG_SD = 2.0  # of a component: beyond the spread of any standardised column


class RecordHeads(nn.Module):
    """One small network for each column, of SynthNet's output and the columns before (our choice).

    An autoregressive model: the product of p(column | output, columns before) has any dependence
    that the networks can learn, where residuals of a fixed covariance have pairs alone. A numeric
    is a mixture of Gaussians (Bishop 1994), so that heaps, gaps and unequal spread are kept;
    binaries and categories have their logits.

    Args:
        settings: :class:`HeadSettings`.
        groups: Per column ``[start, stop, numeric]`` in the record.
        order: Places in ``groups``, in the order in which the columns are drawn.
    """

    sees: Tensor  # (heads, 2 q, 1): the output, and the columns before
    centre: Tensor
    scale: Tensor

    def __init__(self, settings: HeadSettings, groups: list[list[int]], order: list[int]) -> None:
        super().__init__()
        self.settings = settings
        self.columns = [groups[index] for index in order]
        width, hidden = groups[-1][1], settings.hidden
        self.entries = [entry for start, stop, _ in self.columns for entry in range(start, stop)]
        sizes = [stop - start for start, stop, _ in self.columns]
        self.n_inputs = [width + sum(sizes[:k]) for k in range(len(sizes))]
        kinds: dict[str, list[int]] = {"numeric": [], "binary": [], "category": []}
        for head, (start, stop, numeric) in enumerate(self.columns):
            kind = "numeric" if numeric else "binary" if stop - start == 1 else "category"
            kinds[kind].append(head)
        self.by_kind = [*kinds.values()]  # trained kind by kind: few operations, of a cache's size
        outputs = max([3 * settings.components, *sizes])
        heads = len(sizes)
        self.first = nn.Parameter(torch.zeros(heads, 2 * width, hidden))
        self.second = nn.Parameter(torch.zeros(heads, hidden, hidden))
        self.last = nn.Parameter(torch.zeros(heads, hidden, outputs))
        for head, count in enumerate(self.n_inputs):
            nn.init.uniform_(self.first.data[head, :count], -(count**-0.5), count**-0.5)
        for weight in (self.second, self.last):
            nn.init.uniform_(weight, -(hidden**-0.5), hidden**-0.5)
        self.biases = nn.ParameterList(
            torch.zeros(heads, 1, size) for size in (hidden, hidden, outputs)
        )
        sees = torch.arange(2 * width) < torch.tensor(self.n_inputs)[:, None]
        self.register_buffer("sees", sees[:, :, None].float(), persistent=False)
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def weights(self) -> list[nn.Parameter]:
        """What the columns hang on each other by."""
        return [self.first, self.second, self.last]

    def standardise(self, mean: Tensor, sd: Tensor) -> None:
        """Take the (q,) means and SDs of the record's entries from the training rows."""
        self.centre.copy_(mean)
        self.scale.copy_(sd)

    def log_likelihood(self, output: Tensor, record: Tensor) -> Tensor:
        """(b, columns) log density of each column as drawn, numerics in SDs of their own.

        Args:
            output: (b, q) SynthNet's output before sigmoid and softmax.
            record: (b, q) record.
        """
        entries = ((record - self.centre) / self.scale)[:, self.entries]
        inputs, first = torch.cat([output, entries], 1), self.first * self.sees

        def outputs(heads: list[int]) -> Tensor:
            return self._outputs(inputs, first[heads], heads)

        numerics, binaries, categories = self.by_kind
        entry_columns = [self.n_inputs[head] - output.shape[1] for head in numerics]
        mixture = self._mixture(outputs(numerics))
        parts = [self._log_density(mixture, entries[:, entry_columns].T)]
        truth = record[:, [self.columns[head][0] for head in binaries]].T
        logits = outputs(binaries)[..., 0]
        parts.append(-F.binary_cross_entropy_with_logits(logits, truth, reduction="none"))
        for head, logits in zip(categories, outputs(categories), strict=True):
            start, stop, _ = self.columns[head]
            loss = F.cross_entropy(
                logits[:, : stop - start], record[:, start:stop], reduction="none"
            )
            parts.append(-loss[None])
        order = torch.tensor([*numerics, *binaries, *categories], device=output.device)
        return torch.cat(parts)[order.argsort()].T

    def draw(self, output: Tensor, normal: Tensor) -> Tensor:
        """Draw records, with gradients; whole categories have straight-through ones.

        Args:
            output: (b, q) SynthNet's output before sigmoid and softmax.
            normal: (b, q) standard normal noise.

        Returns:
            (b, q) record, numerics unbounded.
        """
        eps = torch.finfo(normal.dtype).eps
        uniform = torch.special.ndtr(normal).clamp(eps, 1 - eps)
        inputs, drawn = output, {}
        for head, (start, stop, numeric) in enumerate(self.columns):
            heads = slice(head, head + 1)
            head_outputs = self._outputs(inputs, self.first[heads, : self.n_inputs[head]], heads)[0]
            if numeric:
                z = self._quantile(head_outputs, normal[:, start])[:, None]
                drawn[start] = z * self.scale[start] + self.centre[start]
            else:
                logits = head_outputs[:, : stop - start]
                drawn[start] = draw_discrete(logits, uniform[:, start:stop], temperature=1.0)
                z = (drawn[start] - self.centre[start:stop]) / self.scale[start:stop]
            inputs = torch.cat([inputs, z], 1)
        return joined([drawn[start] for start in sorted(drawn)])

    def _outputs(self, inputs: Tensor, first: Tensor, heads: slice | list[int]) -> Tensor:
        """(b, k) inputs, (heads, k, hidden) weights of the first layer -> (heads, b, outputs)."""
        one, two, three = (bias[heads] for bias in self.biases)
        slope = self.settings.negative_slope
        hidden = inputs.expand(len(first), *inputs.shape)
        for weights, bias in ((first, one), (self.second[heads], two)):
            # in place: memory for another (heads, b, hidden) takes longer than the layer itself
            hidden = F.leaky_relu(torch.baddbmm(bias, hidden, weights), slope, inplace=True)
        return torch.baddbmm(three, hidden, self.last[heads])

    def _mixture(self, outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(..., b, outputs) -> (..., components, b) log weights, means and log SDs.

        Rows come last: sums over three neighbours in memory take several times as long.
        """
        rows_last = outputs[..., : 3 * self.settings.components].transpose(-1, -2).contiguous()
        weight, mean, log_sd = rows_last.chunk(3, -2)
        least = math.log(self.settings.least_sd)
        return weight.log_softmax(-2), mean, log_sd.clamp(least, MOST_LOG_SD)

    @staticmethod
    def _log_density(mixture: tuple[Tensor, Tensor, Tensor], z: Tensor) -> Tensor:
        weight, mean, log_sd = mixture
        distance = (z[..., None, :] - mean) / log_sd.exp()
        return (weight - 0.5 * distance.square() - log_sd).logsumexp(-2) - LOG_ROOT_2_PI

    def _quantile(self, outputs: Tensor, normal: Tensor) -> Tensor:
        """(b,) value below which each row's mixture has as much as a standard normal below its own.

        So one number moves a value through all Gaussians of its mixture. It is found by bisection
        between their own quantiles; the gradient is that of the implicit function, which is what a
        Newton step from there has.
        """
        weight, mean, log_sd = mixture = self._mixture(outputs)
        weights, sd, share = weight.exp(), log_sd.exp(), torch.special.ndtr(normal)

        def below(z: Tensor) -> Tensor:
            return (weights * torch.special.ndtr((z - mean) / sd)).sum(0)

        with torch.no_grad():
            quantiles = mean + sd * normal
            low, high = quantiles.amin(0), quantiles.amax(0)
            for _ in range(BISECTIONS):
                z = (low + high) / 2
                short = below(z) < share
                low, high = torch.where(short, z, low), torch.where(short, high, z)
            density = self._log_density(mixture, z).exp().clamp_min(LEAST_DENSITY)
        return z + (share - below(z)) / density
