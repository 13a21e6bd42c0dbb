"""Muon against torch's own, which takes matrices alone."""

import pytest
import torch

from ck4gen.models.muon import Muon, orthogonal

RATE = 0.05


@pytest.mark.parametrize("shape", [(64, 64), (16, 64), (64, 12)])
def test_a_matrix_moves_as_under_the_muon_of_torch(shape):
    """Theirs multiplies in bfloat16, whose rounding is 0.4 %, here of five products in turn."""
    torch.manual_seed(0)
    ours = torch.nn.Parameter(torch.randn(shape))
    theirs = torch.nn.Parameter(ours.detach().clone())
    start = ours.detach().clone()
    mine = Muon([ours], RATE)
    reference = torch.optim.Muon([theirs], RATE, weight_decay=0.0, momentum=0.9)
    for _ in range(5):
        ours.grad = torch.randn(shape)
        theirs.grad = ours.grad.clone()
        mine.step()
        reference.step()
    moved, expected = ours.detach() - start, theirs.detach() - start
    assert (moved - expected).norm() < 0.03 * expected.norm()


@pytest.mark.parametrize("shape", [(2, 30, 30), (1, 5, 40), (1, 40, 5)])
def test_singular_vectors_stay_and_singular_values_are_near_one(shape):
    torch.manual_seed(1)
    matrices = torch.randn(shape)
    u, values, v = torch.linalg.svd(matrices, full_matrices=False)
    turned = u.mT @ orthogonal(matrices) @ v.mT
    diagonal = turned.diagonal(dim1=1, dim2=2)
    assert (turned - torch.diag_embed(diagonal)).abs().max() < 1e-4
    strong = values > 0.1 * values.amax(1, keepdim=True)  # weaker ones take more iterations
    assert ((diagonal > 0.6) & (diagonal < 1.25))[strong].all()


def test_a_vector_moves_by_the_rate_along_its_gradient():
    vector = torch.nn.Parameter(torch.tensor([1.0, 2.0, 2.0]))
    vector.grad = torch.tensor([3.0, 0.0, 4.0])
    Muon([vector], RATE).step()
    torch.testing.assert_close(vector.detach(), torch.tensor([0.97, 2.0, 1.96]))


def test_parameters_without_a_gradient_or_of_a_zero_one_stay():
    still, zero = (torch.nn.Parameter(torch.ones(3, 2)) for _ in range(2))
    zero.grad = torch.zeros(3, 2)
    Muon([still, zero], RATE).step()
    assert torch.equal(still, torch.ones(3, 2))
    assert torch.equal(zero, torch.ones(3, 2))


def test_matrices_of_one_shape_move_as_each_would_alone():
    torch.manual_seed(2)
    gradients = torch.randn(2, 8, 8)
    together = [torch.nn.Parameter(torch.zeros(8, 8)) for _ in range(2)]
    alone = [torch.nn.Parameter(torch.zeros(8, 8)) for _ in range(2)]
    for parameters in (together, alone):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient.clone()
    Muon(together, RATE).step()
    for parameter in alone:
        Muon([parameter], RATE).step()
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one, other)
