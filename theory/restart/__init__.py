"""Restart sampling: noise, then the ODE, again and again; what that does to errors.

Y. Xu, M. Deng, X. Cheng, Y. Tian, Z. Liu, T. Jaakkola, "Restart Sampling for Improving Generative
Processes", NeurIPS 2023 (arXiv 2306.14878). Noise is its own time, ``x_t = x_0 + t eps``, p_t the
law of x_t, and a sampler runs from t_max down to t_min by

    ODE          dx = -t grad log p_t dt
    SDE          dx = -2 t grad log p_t dt + sqrt(2 t) dW
    Restart(K)   the ODE, then K times: add noise of variance t_max^2 - t_min^2, the ODE again

with an estimate s_theta of the score. Its error at t_min has a part that stems from the law that
it was given at t_max, the *contracted* error, and one that it adds itself, by its steps and its
score, the *additional* error. Distances are W1, in units of the data, or total variation.
``Delta = t_max - t_min``, ``tau^2 = t_max^2 - t_min^2``, Q the upper tail of the standard normal.
"""

LAWS: dict[str, str] = {
    "restart.contraction": "theory.restart.contraction:Contraction",
    "restart.biased_score": "theory.restart.biased_score:BiasedScore",
    "restart.two_points": "theory.restart.two_points:TwoPoints",
    "restart.mode_weights": "theory.restart.mode_weights:ModeWeights",
    "restart.sampler": "theory.restart.sampler:Sampler",
    "restart.discretisation": "theory.restart.discretisation:Discretisation",
    "restart.synthetic": "theory.restart.synthetic:Synthetic",
    "restart.evaluations": "theory.restart.evaluations:Evaluations",
}
