import numpy as np
import pytest
import torch

from ck4gen.models.dcm import DCM, minus_log_survival
from ck4gen.models.losses import distillation_loss, reconstruction_loss


def small(components=3, latent=4, hidden=(8, 8, 8)):
    torch.manual_seed(0)
    increments = np.log([0.1, 0.2, 0.3]).tolist()
    return DCM(5, list(hidden), latent, components, 10.0, "elu", increments)


def test_survival_is_a_mixture_of_cox_models():
    net, x = small(), torch.randn(7, 5)
    log_gates, log_hazards = net(x)
    baseline = torch.tensor([0.1, 0.3, 0.6])
    by_hand = (
        log_gates.exp()[:, :, None] * torch.exp(-baseline * log_hazards.exp()[:, :, None])
    ).sum(1)
    survival = torch.exp(-net.log_minus_log_survival(x).exp())
    torch.testing.assert_close(survival, by_hand)
    assert (survival.diff(dim=1) < 0).all()
    torch.testing.assert_close(log_gates.exp().sum(1), torch.ones(7))


def test_one_component_on_the_input_is_a_cox_model():
    net, x = small(components=1, latent=0, hidden=()), torch.randn(7, 5)
    curve = net.log_minus_log_survival(x)
    linear = x @ net.hazard.weight[0]
    expected = linear[:, None] + torch.tensor([0.1, 0.3, 0.6]).log()
    torch.testing.assert_close(curve, expected)


@pytest.mark.parametrize("hazard", [1e-12, 1e-6, 1e-3, 1.0, 50.0])
def test_minus_log_survival_keeps_its_precision(hazard):
    log_gates = torch.tensor([[0.3, 0.7]]).log()
    value = minus_log_survival(log_gates, torch.full((1, 2), hazard))
    assert value.item() == pytest.approx(hazard, rel=1e-5)


def test_log_likelihood_by_hand():
    """One component, hazards .1, .2, .3 over unit intervals, at t = 1.5."""
    net = small(components=1, latent=0, hidden=())
    with torch.no_grad():
        net.hazard.weight.zero_()
    x, interval, share = torch.zeros(2, 5), torch.tensor([1, 1]), torch.tensor([0.5, 0.5])
    likelihood = net.log_likelihood(x, interval, share, torch.tensor([1.0, 0.0]))
    expected = [np.log(0.2) - 0.2, -0.2]  # cumulative hazard .1 + .5 * .2
    np.testing.assert_allclose(likelihood.detach(), expected, rtol=1e-6)


def test_distillation_loss_is_the_share_of_the_variance_missed():
    teacher = torch.tensor([[0.0, 1.0], [2.0, 3.0]])
    variance = torch.tensor(2.0)
    assert distillation_loss(teacher, teacher, variance, torch.ones(2)) == 0
    assert distillation_loss(teacher + 1, teacher, variance, torch.ones(2)).item() == 0.5
    # a row of weight 1.5 and right counts more than one of weight 0.5 and wrong
    student = teacher + torch.tensor([[0.0], [1.0]])
    weighted = distillation_loss(student, teacher, variance, torch.tensor([1.5, 0.5]))
    assert weighted.item() == 0.125


def test_reconstruction_loss_by_hand():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0, 0.0]])
    record = torch.tensor([[0.75, 1.0, 0.0, 1.0, 0.0]])
    groups = [[0, 1, 1], [1, 2, 0], [2, 5, 0]]
    variance = torch.full((5,), 0.25)
    expected = (0.25**2 / 0.25 + np.log(2) + np.log(3)) / 3
    loss = reconstruction_loss(logits, record, groups, variance, torch.ones(1))
    assert loss.item() == pytest.approx(expected)
    twice = reconstruction_loss(logits, record, groups, variance, torch.tensor([2.0]))
    assert twice.item() == pytest.approx(2 * expected)
