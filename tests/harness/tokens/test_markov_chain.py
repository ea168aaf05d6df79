"""A token model learns a Markov chain, whose entropy is known in closed form."""

import math

import numpy as np
import torch
from torch import nn

from harness.tokens.cross_entropy import CrossEntropy
from harness.tokens.draw import draw
from harness.tokens.form import Form
from harness.tokens.loss import loss
from harness.tokens.raster import Raster
from harness.tokens.transformer import Transformer

CHAIN = np.array([[0.8, 0.15, 0.05], [0.1, 0.2, 0.7], [0.6, 0.1, 0.3]])


def stationary() -> np.ndarray:
    values, vectors = np.linalg.eig(CHAIN.T)
    law = np.real(vectors[:, np.argmax(np.real(values))])
    return law / law.sum()


def chains(count: int, length: int, rng: np.random.Generator) -> np.ndarray:
    """[count, length], from the stationary law on."""
    made = np.empty((count, length), np.int64)
    made[:, 0] = rng.choice(3, count, p=stationary())
    for t in range(1, length):
        made[:, t] = (rng.random(count)[:, None] > CHAIN.cumsum(1)[made[:, t - 1]]).sum(1)
    return made


def test_a_trained_model_reaches_the_entropy_of_a_markov_chain_and_draws_such_chains() -> None:
    """The excess of its loss over -log of the true chance, on the same held-out chains, is the
    divergence of the two laws: at least 0 and at most 0.02 nats a token, at 4 standard errors. The
    mean of the true one is the entropy (H(pi) + (T - 1) H(P))/T at 4 standard errors. Drawn pairs
    have the chances of the chain, but for 0.04 and 4 standard errors."""
    length, rng, drawing = 6, np.random.default_rng(1), [torch.Generator().manual_seed(2)]
    network = Transformer(Form(length, 3, True), drawing, width=16, depth=1, heads=2)
    head = CrossEntropy(16, 3, drawing)
    both = nn.ModuleList([network, head])
    optimiser, steps = torch.optim.Adam(both.parameters(), betas=(0.9, 0.99)), 300
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 1e-2 * min(1, (step + 1) / 20) * (1 - step / steps)
        shown = torch.as_tensor(chains(128, length, rng))[None]
        mean = loss(network, Raster(), head, shown, None, drawing).mean()
        optimiser.zero_grad()
        mean.backward()
        optimiser.step()
    n, law = 4000, stationary()
    held = chains(n, length, rng)
    true = -(np.log(law[held[:, 0]]) + np.log(CHAIN[held[:, :-1], held[:, 1:]]).sum(1)) / length
    rate = -(law[:, None] * CHAIN * np.log(CHAIN)).sum()
    entropy = (-(law * np.log(law)).sum() + (length - 1) * rate) / length
    assert abs(true.mean() - entropy) < 4 * true.std() / math.sqrt(n)
    with torch.no_grad():
        ours = loss(network, Raster(), head, torch.as_tensor(held)[None], None, drawing)[0]
    excess = ours.numpy() - true
    error = 4 * excess.std() / math.sqrt(n)
    assert -error < excess.mean() < 0.02 + error
    drawn = draw(network, Raster(), head, None, n, [torch.Generator().manual_seed(5)])[0].numpy()
    for state in range(3):
        following = drawn[:, 1:][drawn[:, :-1] == state]
        shares = np.bincount(following, minlength=3) / len(following)
        assert (np.abs(shares - CHAIN[state]) < 0.04 + 2 / math.sqrt(len(following))).all()
    first = np.bincount(drawn[:, 0], minlength=3) / n
    assert (np.abs(first - law) < 0.04 + 2 / math.sqrt(n)).all()
