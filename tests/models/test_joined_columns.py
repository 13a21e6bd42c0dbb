"""Columns side by side, and what their gradients cost."""

import torch

from ck4gen.models.joined_columns import joined


def test_columns_and_their_gradients_are_those_of_torch_cat():
    generator = torch.Generator().manual_seed(0)
    parts = [torch.randn(4, width, generator=generator, requires_grad=True) for width in (2, 1, 3)]
    slopes = torch.randn(4, 6, generator=generator)
    ours, theirs = joined(parts), torch.cat(parts, 1)
    assert torch.equal(ours, theirs)
    for columns in (slice(None), slice(0, 1), slice(2, 4)):
        found, wanted = (
            torch.autograd.grad(
                (made * slopes)[:, columns].sum(),
                parts,
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            for made in (ours, theirs)
        )
        for one, other in zip(found, wanted, strict=True):
            assert torch.equal(one, other)


def test_networks_of_other_columns_have_nothing_to_do():
    """They are handed no gradient at all, and not zeros."""
    seen = []

    class Network(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            seen.append(gradient)
            return gradient

    noise = torch.randn(3, 2, requires_grad=True)
    for join, handed in ((joined, False), (lambda parts: torch.cat(parts, 1), True)):
        seen.clear()
        made = join([noise[:, :1] * 2, Network.apply(noise[:, 1:])])
        (gradient,) = torch.autograd.grad(made[:, 0].sum(), noise, retain_graph=True)
        assert gradient.tolist() == [[2.0, 0.0]] * 3
        assert any(each is not None for each in seen) == handed
