"""Statistical rates and Girsanov: what an error of the score, of the start, of the step costs.

M. Chen, S. Mei, J. Fan, M. Wang, "An Overview of Diffusion Models: Applications, Guided Generation,
Statistical Rates and Optimization", 2024 (arXiv 2404.07771), and the papers that it reports: S.
Chen et al. 2023 (arXiv 2209.11215) and Benton et al. 2024 (2308.03686) on convergence, M. Chen et
al. 2023 (2302.07194) on data in a subspace, Zhang et al. 2024 (2402.15602) on kernel estimates.

The forward process is dx = -x dt + sqrt(2) dW from p_0, with law p_t at time t: ``x_t = r x_0 +
sqrt(1 - r^2) eps``, r = exp(-t), and tends to gamma = N(0, I). The sampler starts at time T and
goes back: the SDE ``dy = (y + 2 s(y)) dt + sqrt(2) dW``, the ODE ``dy = (y + s(y)) dt``, s an
estimate of the score grad log p_t. On normals all of it is linear, so that every bound can be held
against what it bounds. Entropies are in nats.
"""

LAWS: dict[str, str] = {
    "rates.path_identity": "theory.rates.path_identity:PathIdentity",
    "rates.pinsker": "theory.rates.pinsker:Pinsker",
    "rates.constant_error": "theory.rates.constant_error:ConstantError",
    "rates.initialisation_kl": "theory.rates.initialisation:InitialisationKL",
    "rates.initialisation_w2": "theory.rates.initialisation:InitialisationW2",
    "rates.chen_bound": "theory.rates.chen_bound:ChenBound",
    "rates.benton_bound": "theory.rates.benton_bound:BentonBound",
    "rates.parametric_tv": "theory.rates.parametric:ParametricTV",
    "rates.parametric_slope": "theory.rates.parametric:ParametricSlope",
    "rates.kernel_score": "theory.rates.kernel_score:KernelScore",
    "rates.kernel_score_slope": "theory.rates.kernel_score:KernelScoreSlope",
    "rates.kernel_tv": "theory.rates.kernel_tv:KernelTV",
    "rates.latent_dimension": "theory.rates.latent_dimension:LatentDimension",
}
