"""A moved mean, judged with a variance that groups share as far as they agree in it.

Group g has n_g differences (new minus reference) in a unit that its study's groups have in common,

    d_gr = delta_g + sigma_g e_gr,   e_gr standard normal,
    ln sigma_g = mu + tau u_g,       u_g Student with 8 degrees of freedom.

tau = 0 is one variance for the whole study; tau = 3 leaves each group its own. Neither is assumed:
mu has a flat prior, tau one on ten values (0.3 at 0, the rest alike), and both learn from the
spread *within* groups, the sums of squares, which a moved mean does not touch. The p-value is

    p_g = CAUTION * E[ 2 Phi(-|mean_g| sqrt(n_g) / sigma_g) | all sums of squares ].

With tau held at 0 the expectation is the p-value of the t test with pooled variance, with one group
that of the t test of this group alone. In between it is the moderated t test (Smyth 2004, Stat.
Appl. Genet. Mol. Biol. 3:3) with its hyperparameters integrated out in the place of estimated: an
estimate from few groups took unequal variances for equal ones, and gave 5 % false alarms. Student's
tails in ln sigma let an unruly group, however unruly, widen the others only so far (the aim of
Phipson et al. 2016, Ann. Appl. Stat. 10:946). Being an average over (mu, tau), the expectation is
too small for some tau and too large for others: CAUTION is what simulation asks for, with Holm over
the table, to keep false alarms below 1 % for all.

Measured (``python -m harness.records.rates``, which says how): power, the share of groups found
whose mean moved by so many of its standard errors sigma_g / sqrt(n), in a table where all groups
have one variance and noise is normal; and false alarms, the share of tables with a group that is
said to have moved where none did, with ln sigma_g spread by 0, 0.25, 0.5 and 1 over groups.

    groups  pairs   3 SE  4 SE  5 SE  6 SE  8 SE  10 SE     false alarms, in %
         5      2   0.00  0.01  0.03  0.05  0.15   0.28     0.0  0.0  0.2  0.6
         5      3   0.04  0.12  0.28  0.48  0.79   0.92     0.1  0.2  0.4  0.9
         5      4   0.09  0.27  0.53  0.75  0.95   0.99     0.1  0.3  0.9  0.7
         5      8   0.22  0.54  0.83  0.96  1.00   1.00     0.3  0.6  0.7  0.6
        30      2   0.01  0.07  0.20  0.41  0.76   0.90     0.0  0.2  0.8  0.7
        30      3   0.06  0.25  0.55  0.80  0.97   0.99     0.1  0.5  0.9  0.5
        30      4   0.10  0.36  0.69  0.90  0.99   1.00     0.1  0.7  0.7  0.4
        30      8   0.16  0.49  0.83  0.97  1.00   1.00     0.3  0.7  0.5  0.4
       100      2   0.02  0.11  0.34  0.62  0.92   0.98     0.0  0.4  0.5  0.2
       100      3   0.06  0.26  0.60  0.86  0.99   1.00     0.1  0.8  0.3  0.4
       100      4   0.09  0.34  0.70  0.93  1.00   1.00     0.2  0.7  0.5  0.5
       100      8   0.11  0.41  0.78  0.96  1.00   1.00     0.3  0.5  0.5  0.5
       300      2   0.03  0.16  0.45  0.76  0.97   0.99     0.1  0.5  0.1  0.1
       300      3   0.05  0.26  0.62  0.89  1.00   1.00     0.2  0.5  0.2  0.3
       300      4   0.07  0.30  0.68  0.93  1.00   1.00     0.2  0.3  0.2  0.3
       300      8   0.07  0.32  0.70  0.94  1.00   1.00     0.3  0.5  0.3  0.4

So 90 % at 6 standard errors is reached from 4 pairs on (8 where there are five groups), nearly with
3 pairs of 300 groups, and never with 2. Where variances are unlike it is not reached, since nothing
tells whether the group that moved is one of the wide ones: at a spread of 0.5 a shift of 6 is found
in 0.78 of cases among 5 groups of 8 pairs, in 0.56 among 30 and 0.38 among 100 of them, in 0.22
among 30 of 3 pairs. Heavy noise, Student's with 5 degrees of freedom, gave 10 alarms in 5,300
tables (5 to 300 groups, 3 and 8 pairs, spreads 0 and 0.5; at most 8 in 1,200 of one kind). Each
rate of false alarms is known to 0.2 or better.

A single row on each side that brings its own standard error needs no pool: the normal test with
Holm finds 6 of these errors in 0.97 of cases among 300 rows and 0.91 among 3,000. Its 1 % holds for
errors that are normal, as those of a mean over many draws are; were they Student's with 5 degrees,
5 rows would raise 5 % and 300 rows 60 %.
"""

import numpy as np

CAUTION = 2.2
TAU = np.array([0.0, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0, 1.4, 2.0, 3.0])
PRIOR = np.array([0.3, *[0.7 / 9] * 9])
LOCATIONS = 25
TAILS = 8
TINY = 1e-300


def p_values(
    effects: np.ndarray, counts: np.ndarray, squares: np.ndarray, degrees: np.ndarray
) -> np.ndarray:
    """Two-sided p-values [G] of the means of the groups of one study.

    effects: each mean's distance from what counts as nothing, in the common unit. counts: how many
    differences it is the mean of. squares: their sum of squared deviations from it. degrees: the
    degrees of freedom of that sum; a group with 0 takes its variance from the others. Where nothing
    varies, or no group has a degree, a distance above 0 is certain: p = 0.
    """
    from scipy.special import ndtr

    effects = np.abs(effects)
    if not squares[degrees > 0].sum() > 0:
        return np.where(effects > 0, 0.0, 1.0)
    sigma, weight = deviations(squares, degrees)  # [J], [G, J]
    tails = 2 * ndtr(-effects[:, None] * np.sqrt(counts)[:, None] / sigma)  # [G, J]
    return np.minimum(1.0, CAUTION * (weight * tails).sum(1))


def deviations(squares: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What is known of each group's sigma: values [J], ascending, and their weights [G, J].

    The weights of a group are the posterior of its sigma, given its own squares and, through mu and
    tau, those of the others.
    """
    known = degrees > 0
    pooled = squares[known].sum() / degrees[known].sum()
    squares = np.maximum(squares, degrees * pooled * 1e-6)  # a spread of 0 has no logarithm
    grid, locations, tau = _grids(squares[known], degrees[known])
    away = (grid - locations[..., None]) / tau[:, None, None]  # [T, M, J]
    tails = 1 + away * away / TAILS
    prior = 1 / (tails**4 * np.sqrt(tails))  # Student's density, to the power -(8 + 1) / 2
    prior[0] = np.maximum(0, 1 - np.abs(away[0]))  # tau of 0: between two values of the grid
    prior = (prior / (prior.sum(-1, keepdims=True) + TINY)).reshape(-1, len(grid))  # [H, J]
    own = -degrees[:, None] * grid - 0.5 * squares[:, None] * np.exp(-2 * grid)  # [G, J]
    own = np.exp(own - own.max(1, keepdims=True))
    fit = np.log(own @ prior.T + TINY)  # [G, H], the logarithm of each group's likelihood
    width = np.log(PRIOR * (locations[:, 1] - locations[:, 0]))  # flat in mu
    others = fit.sum(0) + np.repeat(width, LOCATIONS) - fit  # [G, H]: of all groups but this
    others = np.exp(others - others.max(1, keepdims=True))
    kept = others.max(0) > 1e-13
    weight = (others[:, kept] @ prior[kept]) * own  # [G, J]
    return np.exp(grid), weight / weight.sum(1, keepdims=True)


def _grids(squares: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values of ln sigma [J], of mu for each tau [T, M], and of tau [T], wide and fine enough.

    A group's own likelihood is 1 / sqrt(2 degrees) wide in ln sigma, and steps are below that. Few
    degrees leave a long tail upward, exp(-degrees ln sigma).
    """
    from scipy.special import psi

    logs = 0.5 * (np.log(squares / degrees) - psi(degrees / 2) + np.log(degrees / 2))  # unbiased
    centre = float((degrees * logs).sum() / degrees.sum())
    total, largest, groups = float(degrees.sum()), float(degrees.max()), len(degrees)
    step = min(0.12, 0.7 / float(np.sqrt(2 * largest)))
    far = 12 / max(total - largest, 1.0)
    low, high = max(float(logs.min()), centre - 6) - 3, float(logs.max()) + 5 + min(far, 6.0)
    tau = np.where(TAU == 0, step, TAU)
    spread = np.sqrt((TAU**2 + groups / (2 * total)) / groups)  # of an estimate of mu
    locations = centre + np.linspace(
        -5 * spread - tau / 2, 5 * spread + far, LOCATIONS, axis=1
    )  # [T, M]
    return np.arange(low, high + step, step), locations, tau
