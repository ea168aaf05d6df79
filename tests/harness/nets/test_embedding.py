"""The embedding of a condition: where it starts, what is learned of it, what it refuses."""

from math import sqrt

import pytest
import torch
from torch import Tensor, nn

from harness.cell import part
from harness.data.words import Words
from harness.nets.checkpoint import build
from harness.nets.embedding import KINDS, Embedding, embedded, width_for
from harness.nets.mlp import ResidualMLP
from harness.nets.preconditioning import Denoiser
from harness.nets.unet import UNet
from harness.problem import Problem


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def all_of(embedding: Embedding, words: int) -> Tensor:
    """Every row of each copy as it is used, [K, words, d]."""
    tokens = torch.arange(words).expand(len(embedding.table), 1, -1)
    return embedding(tokens)[:, 0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("words", "width"), [(11, None), (11, 11), (4, 7)])
def test_words_and_null_start_orthonormal_and_alike_in_every_copy(
    kind: str, words: int, width: int | None
) -> None:
    draws = generators(1, 2)
    rows = all_of(Embedding(words, draws, kind, width), words)
    assert rows.shape == (2, words, width or 16)
    assert torch.allclose(rows[0] @ rows[0].T, torch.eye(words), atol=1e-6)
    assert torch.equal(rows[0], rows[1])
    assert torch.equal(draws[0].get_state(), generators(1)[0].get_state())  # nothing is drawn
    assert (rows[0].abs() > 1e-6).sum(1).min() >= rows.shape[2] / 2  # no one-hot code


@pytest.mark.parametrize(
    ("words", "width"),
    [(2, 16), (11, 16), (16, 16), (17, 32), (32, 32), (401, 512), (512, 512), (513, 1024)],
)
def test_the_default_width_is_the_least_power_of_two_that_holds_all(words: int, width: int) -> None:
    assert width_for(words) == width
    assert Embedding(words, generators(1)).width == width
    assert width_for(words, 7) == 7


def test_each_copy_looks_up_its_own_rows() -> None:
    embedding = Embedding(5, generators(1, 2), "learned", 6)
    with torch.no_grad():
        embedding.table.copy_(torch.arange(60.0).view(2, 5, 6))
    tokens = torch.tensor([[[1, 0], [4, 4]], [[2, 3], [0, 1]]])
    found = embedding(tokens)
    for k in (0, 1):
        for b in (0, 1):
            for t in (0, 1):
                assert torch.equal(found[k, b, t], embedding.table[k, tokens[k, b, t]])


def test_a_fixed_embedding_is_kept_and_is_no_parameter() -> None:
    fixed, learned = (Embedding(5, generators(1), kind) for kind in ("fixed", "learned"))
    assert list(fixed.parameters()) == []
    assert list(fixed.state_dict()) == list(learned.state_dict()) == ["table"]
    assert [each.shape for each in learned.parameters()] == [(1, 5, 16)]
    assert not fixed(torch.zeros(1, 2, 3, dtype=torch.long)).requires_grad


def test_a_normalised_embedding_has_norm_1_however_large_its_table_is() -> None:
    embedding = Embedding(5, generators(1, 2), "normalised", 8)
    plain = Embedding(5, generators(1, 2), "learned", 8)
    before = all_of(embedding, 5)
    with torch.no_grad():
        for each in (embedding, plain):
            each.table.mul_(torch.tensor([0.1, 2.0, 3.0, 5.0, 70.0])[:, None])
    assert torch.allclose(all_of(embedding, 5), before, atol=1e-6)
    assert torch.allclose(all_of(plain, 5).norm(dim=-1)[0], torch.tensor([0.1, 2, 3, 5, 70]))
    out = torch.randn(2, 5, 8, generator=torch.Generator().manual_seed(0))
    (all_of(embedding, 5) * out).sum().backward()
    gradient = embedding.table.grad
    assert gradient is not None
    assert torch.allclose((gradient * embedding.table).sum(-1), torch.zeros(2, 5), atol=1e-5)
    assert (gradient.norm(dim=-1) > 1e-3).all()


@pytest.mark.parametrize("kind", ["learned", "normalised"])
def test_a_narrow_one_that_is_learned_starts_from_draws_of_about_norm_1(kind: str) -> None:
    embedding = Embedding(300, generators(1, 2), kind, 40)
    square = embedding.table.detach().square().sum(-1)  # [2, 300]: chi squared over 40
    assert abs(float(square.mean()) - 1) < 4 * sqrt(2 / 40 / 600)
    assert not torch.equal(embedding.table[0], embedding.table[1])
    alone = Embedding(300, generators(2), kind, 40)
    assert torch.equal(embedding.table[1], alone.table[0])


@pytest.mark.parametrize(
    ("kind", "width", "message"),
    [
        ("fixed", 10, r"11 orthogonal vectors.*width of 10.*11 or more, or learn it"),
        ("onehot", None, r"'onehot'.*fixed, learned, normalised"),
        ("learned", 0, "give 1 or more"),
        ("fixed", -3, "give 1 or more"),
        ("fixed", 16.0, "give 1 or more"),
        ("learned", True, "the width True.*give 1 or more"),
    ],
)
def test_what_is_no_embedding_is_refused(kind: str, width: int, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Embedding(11, generators(1), kind, width)
    asked = part("mlp", embedding=kind, embedding_width=width)
    words = Words.of(list("abcdefghij"), whole=True)
    with pytest.raises(Problem, match=message):
        build(asked, (1, 8, 8), generators(1), words=words)
    for network in (ResidualMLP, UNet):  # the count of operations refuses it too, without a weight
        with pytest.raises(Problem, match=message):
            network.flops((1, 8, 8), words=11, length=1, **dict(asked.params))


def test_vectors_are_told_as_they_are_and_tokens_are_embedded() -> None:
    class Network(nn.Module):
        def embed(self, tokens: Tensor) -> Tensor:
            return tokens[..., None].float() + 10

    tokens = torch.tensor([[[1, 2]]])
    vectors = torch.randn(1, 1, 2, 3)
    assert torch.equal(embedded(Network(), tokens), torch.tensor([[[[11.0], [12.0]]]]))
    assert embedded(Network(), vectors) is vectors
    with pytest.raises(ValueError, match="given no condition"):
        embedded(Network(), None)


WORDS = Words.of(["a", "b", "c"])


@pytest.mark.parametrize("name", ["mlp", "unet", "dit"])
def test_the_norm_of_an_embedding_is_the_mean_over_its_words_without_the_null(name: str) -> None:
    given = {} if name == "dit" else {"embedding": "learned"}
    denoiser = build(part(name, width=8, **given), (1, 8, 8), generators(1, 2), words=WORDS)
    table = denoiser.network.word if name == "dit" else denoiser.network.embed.table
    with torch.no_grad():
        table /= table.norm(dim=-1, keepdim=True)
        table *= torch.tensor([[100.0, 1, 2, 6], [100.0, 4, 4, 4]])[..., None]
    assert denoiser.embedding_norm().tolist() == pytest.approx([3, 4], rel=1e-5)


def test_a_denoiser_without_a_condition_embeds_nothing() -> None:
    denoiser: Denoiser = build(part("mlp", width=8), (1, 8, 8), generators(1))
    with pytest.raises(ValueError, match="without a condition"):
        denoiser.embed(torch.zeros(1, 1, 1, dtype=torch.long))
