"""Diffusion models paint like painters: closed-form trajectories of Gaussian data.

B. Wang, J. J. Vastola, "Diffusion Models Generate Images Like Painters: an Analytical Theory of
Outline First, Details Later", 2023 (arXiv 2303.02490), and "The Unreasonable Effectiveness of
Gaussian Score Approximation for Diffusion Models and its Applications", TMLR 2024 (arXiv
2412.09726). Data with mean mu and covariance ``Sigma = U diag(lambda) U'``; ``x_t = alpha_t x_0 +
sigma_t eps``, variance preserving (alpha^2 + sigma^2 = 1) or, in EDM's notation, alpha = 1 and
sigma its own time; the probability-flow ODE runs from T down; ``y_T = x_T - alpha_T mu``, ``c_k =
u_k . y_T``. A *feature* is a direction u_k with its variance lambda_k; ``x^_0 = E[x_0 | x_t]`` is
the endpoint that the denoiser foresees.

The papers say: trajectories are two-dimensional rotations; features of large variance are decided
first, details later; early perturbations change the image more than late ones; the Gaussian
solution describes the early part of every trajectory, so that early steps can be skipped.
"""

LAWS: dict[str, str] = {
    "painters.trajectory": "theory.painters.trajectory:Trajectory",
    "painters.half_way": "theory.painters.half_way:HalfWay",
    "painters.order": "theory.painters.half_way:Order",
    "painters.perturbation": "theory.painters.perturbation:Perturbation",
    "painters.explained_variance": "theory.painters.explained_variance:ExplainedVariance",
    "painters.teleport": "theory.painters.teleport:Teleport",
    "painters.plane": "theory.painters.plane:Plane",
    "painters.truncation": "theory.painters.truncation:Truncation",
}
