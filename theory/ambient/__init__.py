"""Ambient Diffusion Omni: when imperfect data help, because noise makes laws alike.

G. Daras et al., "Ambient Diffusion Omni: Training Good Models with Bad Data", 2025 (arXiv
2506.10038), section 4 and appendices A to C. P and Q are laws on the line (clean and corrupted),
``P_sigma = P * N(0, sigma^2)`` is P under Gaussian noise, p and q their densities; distances in
nats where they are entropies, in the units of the line where they are transport costs.
"""

LAWS = {
    "ambient.contraction_tv": "theory.ambient.contraction:ContractionTV",
    "ambient.contraction_kl": "theory.ambient.contraction:ContractionKL",
    "ambient.contraction_w1": "theory.ambient.contraction:ContractionW1",
    "ambient.contraction_w2": "theory.ambient.contraction:ContractionW2",
    "ambient.kernel_estimate": "theory.ambient.kernel_estimate:KernelEstimate",
    "ambient.switching_point": "theory.ambient.switching_point:SwitchingPoint",
}
