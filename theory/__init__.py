"""Statements of theory about imperfect data, each with its exact value beside the printed bound.

A law is one theorem at one point: what the quantity is, what the paper's bound says it is at most,
what a corrected or sharper statement says, and whether the printed bound is void. ``LAWS`` names
them as ``"module:class"``; the contract is in ``theory.law``. Everything is one-dimensional, where
distances between densities are exact to quadrature, or diagonal Gaussian, where they are exact in
any dimension.

Notation: P and Q are laws on the line, ``P_sigma = P * N(0, sigma^2)`` is P under Gaussian noise of
standard deviation sigma, p and q their densities. Distances in nats where they are entropies, in
the units of the line where they are transport costs.

Source of the first laws: G. Daras et al., "Ambient Diffusion Omni: Training Good Models with Bad
Data", 2025 (arXiv 2506.10038), section 4.
"""

LAWS = {
    "contraction_tv": "theory.contraction:ContractionTV",
    "contraction_kl": "theory.contraction:ContractionKL",
    "contraction_w1": "theory.contraction:ContractionW1",
    "contraction_w2": "theory.contraction:ContractionW2",
    "kernel_estimate": "theory.kernel_estimate:KernelEstimate",
    "switching_point": "theory.switching_point:SwitchingPoint",
}
