"""Tests of dropout: the requested rate, reproducible with a seed, inactive outside training."""

from pathlib import Path

import pytest
import torch
from torch import nn

from emoclf.backends.on_torch import dropout, network
from tests.support.models import tiny_bert

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("probability", [0.1, 0.5])
def test_elements_are_dropped_as_often_as_asked(dtype: torch.dtype, probability: float) -> None:
    torch.manual_seed(0)
    dropped = dropout.dropout(torch.ones(1001, 999, dtype=dtype), probability)
    assert (dropped == 0).float().mean().item() == pytest.approx(probability, abs=2e-3)
    kept = dropped[dropped != 0].unique()
    assert kept.tolist() == [torch.tensor(1 / (1 - probability)).to(dtype).item()]


def test_neighbours_are_dropped_independently() -> None:
    torch.manual_seed(0)
    dropped = dropout.dropout(torch.ones(400_000), 0.5).reshape(-1, 4) == 0
    together = (dropped.T.float() @ dropped.float()) / len(dropped)
    assert torch.allclose(together, torch.full((4, 4), 0.25) + torch.eye(4) / 4, atol=0.01)


def test_the_seed_decides_what_is_dropped() -> None:
    torch.manual_seed(3)
    first, second = (dropout.dropout(torch.ones(1000), 0.5) for _ in range(2))
    torch.manual_seed(3)
    assert torch.equal(dropout.dropout(torch.ones(1000), 0.5), first)
    assert not torch.equal(first, second)


def test_gradients_are_zero_for_dropped_elements() -> None:
    values = torch.ones(1000, requires_grad=True)
    dropped = dropout.dropout(values, 0.5)
    dropped.sum().backward()
    assert values.grad is not None
    assert torch.equal(values.grad, dropped.detach())


def test_without_training_nothing_is_dropped() -> None:
    module, ones = dropout.Dropout(0.5), torch.ones(1000)
    assert (module(ones) == 0).any()
    assert torch.equal(module.eval()(ones), ones)


def test_attention_with_dropout_averages_to_attention_without() -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, 5, 8)
    mask = torch.ones(2, 1, 5, 5, dtype=torch.bool)
    mask[0, :, :, 3:] = False
    one = nn.Module()
    plain, _ = dropout.attention(one, query, key, value, mask)
    draws = [dropout.attention(one, query, key, value, mask, dropout=0.1)[0] for _ in range(2000)]
    assert draws[0].shape == plain.shape == (2, 5, 4, 8)
    assert torch.allclose(torch.stack(draws).mean(dim=0), plain, atol=0.06)
    assert torch.allclose(dropout.attention(one, query, key, value, mask, dropout=1e-9)[0], plain, atol=1e-5)


def test_training_never_uses_the_slow_dropout_of_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, _ = network.from_base(tiny_bert(tmp_path), 11)

    def slow(*_: object, **__: object) -> torch.Tensor:
        raise AssertionError("torch's dropout")

    monkeypatch.setattr(torch, "dropout", slow)
    monkeypatch.setattr(nn.functional, "dropout", slow)
    monkeypatch.setattr(nn.functional, "scaled_dot_product_attention", slow)
    ids = torch.tensor([[5, 6, 7], [5, 6, 0]])
    net.train()(ids, (ids != 0).long()).sum().backward()
