"""Consistent Diffusion Meets Tweedie: exact training and sampling from noisy data alone.

G. Daras, A. G. Dimakis, C. Daskalakis, "Consistent Diffusion Meets Tweedie: Training Exact Ambient
Diffusion Models with Noisy Data", ICML 2024 (arXiv 2404.10177). The data are seen only at the
level ``sigma_n``: X_n = X_0 + sigma_n Z (variance exploding) or sqrt(1 - sigma_n^2) X_0 + sigma_n Z
(variance preserving). A denoiser h(x, sigma) stands for E[X_0 | X_sigma = x]. Above sigma_n it is
trained on the noisy data by two uses of Tweedie's formula; below, it is tied to the levels above by
consistency: h(X_sigma, sigma) is a martingale of the reverse process that h itself drives (G.
Daras et al., "Consistent Diffusion Models", NeurIPS 2023, arXiv 2302.09057).

Notation: tau = sigma^2, Delta = sigma^2 - sigma_n^2, alpha = Delta / sigma^2; ``lower`` is a noise
level below sigma; all levels are in the units of the data.
"""

LAWS: dict[str, str] = {
    "tweedie.double_tweedie_ve": "theory.tweedie.double_tweedie:DoubleTweedieVE",
    "tweedie.double_tweedie_vp": "theory.tweedie.double_tweedie:DoubleTweedieVP",
    "tweedie.ambient_minimiser": "theory.tweedie.ambient_minimiser:AmbientMinimiser",
    "tweedie.target_variance": "theory.tweedie.ambient_minimiser:TargetVariance",
    "tweedie.continuation": "theory.tweedie.continuation:Continuation",
    "tweedie.consistency": "theory.tweedie.consistency:Consistency",
    "tweedie.product_estimator": "theory.tweedie.residual_estimator:ProductEstimator",
    "tweedie.average_estimator": "theory.tweedie.residual_estimator:AverageEstimator",
    "tweedie.coarse_sampler": "theory.tweedie.coarse_sampler:CoarseSampler",
    "tweedie.one_step_output": "theory.tweedie.one_step_output:OneStepOutput",
    "tweedie.ve_equivalent": "theory.tweedie.ve_equivalent:VEEquivalent",
}
