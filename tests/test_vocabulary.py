"""The vocabulary in use: the same network on fewer rows, and the whole table back at the end."""

from pathlib import Path

import pytest
import torch

from emoclf import network, optimisation
from emoclf.network import EmotionNetwork
from emoclf.vocabulary import VocabularyInUse
from tests.models import tiny_bert

PIECES = [[2, 9, 14, 3], [2, 21, 3]]


@pytest.fixture
def net(tmp_path: Path) -> EmotionNetwork:
    torch.manual_seed(1)
    return network.from_base(tiny_bert(tmp_path), 11)[0].eval()


def words(net: EmotionNetwork) -> torch.Tensor:
    return net.encoder.get_input_embeddings().weight.detach().clone()


def logits(net: EmotionNetwork, pieces: list[list[int]]) -> torch.Tensor:
    return torch.cat([net(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.long)) for row in pieces])


def test_the_network_reads_translated_pieces_as_it_read_the_others(net: EmotionNetwork) -> None:
    before = logits(net, PIECES)
    vocabulary = VocabularyInUse(net.encoder, PIECES, padding=0)
    assert len(words(net)) == 6  # padding, and five pieces that occur
    assert torch.equal(logits(net, vocabulary.translate(PIECES)), before)


def test_padding_keeps_its_id(net: EmotionNetwork) -> None:
    assert VocabularyInUse(net.encoder, PIECES, padding=0).translate([[0, 2]]) == [[0, 1]]
    assert VocabularyInUse(net.encoder, [[0, 1, 2]], padding=1).translate([[1]]) == [[1]]


def test_put_back_gives_the_whole_table_with_what_was_learnt(net: EmotionNetwork) -> None:
    before = words(net)
    vocabulary = VocabularyInUse(net.encoder, PIECES, padding=0)
    with torch.no_grad():
        net.encoder.get_input_embeddings().weight.add_(1.0)
    vocabulary.put_back()
    used = torch.tensor([0, 2, 3, 9, 14, 21])
    unused = [i for i in range(len(before)) if i not in used]
    assert torch.equal(words(net)[used], before[used] + 1)
    assert torch.equal(words(net)[unused], before[unused])


def test_steps_of_the_optimiser_are_those_on_the_whole_table(net: EmotionNetwork, tmp_path: Path) -> None:
    twin = network.from_base(tiny_bert(tmp_path), 11)[0].eval()
    twin.load_state_dict(net.state_dict())
    before = words(net)
    train(twin, PIECES)
    vocabulary = VocabularyInUse(net.encoder, PIECES, padding=0)
    train(net, vocabulary.translate(PIECES))
    vocabulary.put_back()
    used = [2, 3, 9, 14, 21]
    assert torch.allclose(words(net)[used], words(twin)[used], atol=1e-6)
    assert not torch.allclose(words(net)[used], before[used], atol=1e-3)
    assert torch.allclose(words(net), words(twin), atol=1e-4)  # what does not occur: but for its weight decay
    assert torch.allclose(logits(net, PIECES), logits(twin, PIECES), atol=1e-4)


def train(net: EmotionNetwork, pieces: list[list[int]]) -> None:
    """Five steps towards all emotions."""
    optimiser = optimisation.optimiser(net, 1e-3, 1.0, 0.01)
    for _ in range(5):
        optimiser.zero_grad()
        torch.nn.functional.softplus(-logits(net, pieces)).mean().backward()
        optimiser.step()
