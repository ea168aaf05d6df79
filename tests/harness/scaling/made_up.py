"""Laws with known parameters, and sizes to see them at."""

import numpy as np

TRUTH: dict[str, dict[str, float]] = {
    "power_with_floor": {"E": 1.5, "A": 40.0, "alpha": 0.35},
    "power": {"A": 30.0, "alpha": 0.21},
    "broken_power": {"A": 30.0, "alpha": 0.1, "beta": 0.4, "N0": 2e5},
    "exponential": {"E": 0.7, "A": 2.0, "kappa": 2e-6},
    "two_powers_with_floor": {"E": 1.69, "A": 406.4, "alpha": 0.34, "B": 410.7, "beta": 0.28},
    "two_powers": {"A": 90.0, "alpha": 0.34, "B": 110.7, "beta": 0.25},
    "two_exponentials": {"E": 0.7, "A": 2.0, "kappa": 2e-6, "B": 1.5, "lambda": 8e-7},
}


def sizes(name: str) -> np.ndarray:
    """``[12, 1]`` from 1e4 to 3e6, or ``[36, 2]``."""
    if not name.startswith("two"):
        return np.geomspace(1e4, 3e6, 12)[:, None]
    n, d = np.meshgrid(np.geomspace(1e4, 3e6, 6), np.geomspace(3e4, 9e6, 6))
    return np.stack([n.ravel(), d.ravel()], 1)


def law(name: str, x: np.ndarray) -> np.ndarray:
    """The loss at sizes ``[n, v]``."""
    q = TRUTH[name]
    n, d = x[:, 0], x[:, -1]
    if name == "broken_power":
        turn = (1 + (n / q["N0"]) ** 2) ** ((q["alpha"] - q["beta"]) / 2)
        return q["A"] * n ** -q["alpha"] * turn
    found = np.full(len(x), q.get("E", 0.0))
    for column, amplitude, exponent, rate in (
        (n, "A", "alpha", "kappa"),
        (d, "B", "beta", "lambda"),
    ):
        if exponent in q:
            found += q[amplitude] * column ** -q[exponent]
        if rate in q:
            found += q[amplitude] * np.exp(-q[rate] * column)
    return found
