"""One velocity field: noise, data, score and velocity are one parameterisation.

C.-H. Lai, Y. Song, D. Kim, Y. Mitsufuji, S. Ermon, "The Principles of Diffusion Models", 2025
(arXiv 2510.21890): the variational, the score and the flow view of diffusion models describe the
same time-dependent velocity field. Along a Gaussian path

    x_t = alpha_t x_0 + sigma_t eps,   eps ~ N(0, I) independent of x_0 ~ p_0,

a network may predict x_0, eps, the score grad log p_t, v = alpha eps - sigma x_0 (Salimans and Ho
2022, arXiv 2202.00512) or the velocity u = alpha' x_0 + sigma' eps (Lipman et al. 2023, arXiv
2210.02747; Liu et al. 2023, arXiv 2209.03003); each is a conditional mean given x_t, and each
gives the others. Here ' is the derivative in t, lambda = log(alpha^2 / sigma^2) the log of the
ratio of signal to noise, and a prediction is a linear form (A, B), A x_0 + B eps, of data and noise
(``theory.principles.prediction``).
"""

LAWS: dict[str, str] = {
    "principles.conversion": "theory.principles.conversion:Conversion",
    "principles.amplification": "theory.principles.amplification:Amplification",
    "principles.precision": "theory.principles.precision:Precision",
    "principles.probability_flow": "theory.principles.probability_flow:ProbabilityFlow",
    "principles.loss_weight": "theory.principles.loss_weight:LossWeight",
    "principles.views": "theory.principles.views:Views",
    "principles.euler_step": "theory.principles.euler_step:EulerStep",
}
