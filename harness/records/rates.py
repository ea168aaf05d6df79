"""``patina compare`` tried on itself: false alarms and power, by simulation.

``python -m harness.records.rates`` prints the tables of README's section on comparisons.

A table is a study: groups of paired differences, each with a standard deviation sigma_g of its own,
whose logarithm is normal with the standard deviation ``spread``. False alarm: at least one group of
a table in which nothing moved is below 1 % after Holm over the table. Power: of a group whose mean
moved by so many of its standard errors, sigma_g / sqrt(pairs), while the others stay; each group of
a table takes its turn, and it is the first step of Holm's procedure, the strictest.

Means and sums of squares of normal noise are independent, and a group's p-value falls with its
mean. So each simulated table, its squares given, has its false-alarm rate and power in closed form,

    1 - prod_g 2 Phi(-c_g) (as 1 minus each),   mean_g [Phi(s - c_g) + Phi(-s - c_g)],

with c_g the mean, in standard errors, at which group g reaches 1 % by the number of groups; what is
averaged over tables varies little. Heavy noise, Student's with 5 degrees of freedom scaled to
sigma_g, has no such form: there, tables with an alarm are counted.
"""

import argparse
from dataclasses import dataclass
from typing import final

import numpy as np

from harness.records.pooled import CAUTION, deviations, p_values

LEVEL = 0.01
SHIFTS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
SPREADS = (0.0, 0.25, 0.5, 1.0)
HALVINGS = 30


@final
@dataclass(frozen=True)
class Design:
    """A kind of table. spread: the standard deviation of ln sigma_g. heavy: Student's noise."""

    groups: int
    pairs: int
    spread: float = 0.0
    heavy: bool = False

    def draw(self, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One table in which nothing moved: means, sums of squares and sigma, each [G]."""
        shape = (self.groups, self.pairs)
        if self.heavy:
            noise = generator.standard_t(5, shape) * np.sqrt(3 / 5)
        else:
            noise = generator.standard_normal(shape)
        sigma = np.exp(self.spread * generator.standard_normal(self.groups))
        differences = sigma[:, None] * noise  # [G, n]
        means = differences.mean(1)
        return means, ((differences - means[:, None]) ** 2).sum(1), sigma

    def p(self, means: np.ndarray, squares: np.ndarray) -> np.ndarray:
        """p-values [G] of one table."""
        ones = np.ones(self.groups)
        return p_values(means, self.pairs * ones, squares, (self.pairs - 1) * ones)


def alarms(design: Design, tables: int, generator: np.random.Generator) -> int:
    """How many tables of any noise report a shift where there is none."""
    found = 0
    for _ in range(tables):
        means, squares, _ = design.draw(generator)
        found += bool(design.p(means, squares).min() * design.groups < LEVEL)
    return found


def critical(design: Design, squares: np.ndarray) -> np.ndarray:
    """The mean [G] at which a group's p-value is 1 % by the number of groups."""
    from scipy.special import ndtr

    sigma, weight = deviations(squares, np.full(design.groups, design.pairs - 1.0))
    aim = LEVEL / design.groups / CAUTION / 2
    low = np.full(design.groups, np.log(sigma[0]) - 2)
    high = np.full(design.groups, np.log(sigma[-1]) + 3)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        z = np.exp(middle)[:, None] * np.sqrt(design.pairs) / sigma  # [G, J]
        above = (weight * ndtr(-z)).sum(1) > aim
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.exp((low + high) / 2)


def rates(
    design: Design, shifts: tuple[float, ...], tables: int, generator: np.random.Generator
) -> tuple[float, float, np.ndarray]:
    """The rate of false alarms, its standard error, and the power [shifts], of normal noise."""
    from scipy.special import ndtr

    false, found = np.zeros(tables), np.zeros(len(shifts))
    for table in range(tables):
        _, squares, sigma = design.draw(generator)
        c = critical(design, squares) * np.sqrt(design.pairs) / sigma  # [G]
        false[table] = -np.expm1(np.log1p(-2 * ndtr(-c)).sum())
        found += [float((ndtr(s - c) + ndtr(-s - c)).mean()) for s in shifts]
    return float(false.mean()), float(false.std() / np.sqrt(tables)), found / tables


def main() -> None:
    options = argparse.ArgumentParser(description="False alarms and power of patina compare.")
    options.add_argument("--tables", type=int, default=400, help="of each kind")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--groups", type=int, nargs="+", default=[5, 30, 100, 300])
    options.add_argument("--pairs", type=int, nargs="+", default=[2, 3, 4, 8])
    options.add_argument("--heavy", action="store_true", help="count the tables of heavy noise")
    asked = options.parse_args()
    generator = np.random.default_rng(asked.seed)
    if asked.heavy:
        print("| groups | pairs | tables | " + " | ".join(map(str, SPREADS)) + " |", flush=True)
    else:
        shifts = " | ".join(f"{shift:g} SE" for shift in SHIFTS)
        print(f"| groups | pairs | spread | false alarms | {shifts} |", flush=True)
    for groups in asked.groups:
        for pairs in asked.pairs:
            if asked.heavy:
                kinds = [Design(groups, pairs, spread, True) for spread in SPREADS]
                shares = [alarms(kind, asked.tables, generator) / asked.tables for kind in kinds]
                cells = " | ".join(f"{100 * share:.2f} %" for share in shares)
                print(f"| {groups} | {pairs} | {asked.tables} | {cells} |", flush=True)
                continue
            for spread in SPREADS:
                kind = Design(groups, pairs, spread)
                rate, error, found = rates(kind, SHIFTS, asked.tables, generator)
                cells = " | ".join(f"{share:.2f}" for share in found)
                false = f"{100 * rate:.2f} ± {100 * error:.2f} %"
                print(f"| {groups} | {pairs} | {spread:g} | {false} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
