"""Denoising task difficulty: which noise levels are hard, and for which data.

J.-Y. Kim, H. Go, S. Kwon, H.-G. Kim, "Denoising Task Difficulty-based Curriculum for Training
Diffusion Models", ICLR 2025 (arXiv 2403.10348). Data x_0 are noised in T steps, ``x_t =
sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps``, p_t is the law of x_t, and the task t is to denoise x_t.
The paper observes two things of small t: a model trained on them alone converges more slowly, and
the relative entropy ``D_t = KL(p_{t-1} || p_t)`` of neighbouring steps is larger. It concludes that
tasks become easier with t, cuts the steps into N clusters, and trains from the last to the first.

Here data are normals N(mu, diag(lambda)), V_t = abar_t lambda + 1 - abar_t, or mixtures on the
line; entropies are in nats.
"""

LAWS: dict[str, str] = {
    "difficulty.divergence": "theory.difficulty.divergence:Divergence",
    "difficulty.mixture_divergence": "theory.difficulty.mixture_divergence:MixtureDivergence",
    "difficulty.first_fall": "theory.difficulty.first_fall:FirstFall",
    "difficulty.peak": "theory.difficulty.peak:Peak",
    "difficulty.cluster_share": "theory.difficulty.clusters:ClusterShare",
    "difficulty.condition_number": "theory.difficulty.condition_number:ConditionNumber",
    "difficulty.iterations": "theory.difficulty.iterations:Iterations",
}
