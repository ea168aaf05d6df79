"""Ambient Diffusion Omni: when imperfect data help, because noise makes laws alike.

G. Daras et al., "Ambient Diffusion Omni: Training Good Models with Bad Data", 2025 (arXiv
2506.10038), sections 3 and 4 and appendices A to C. P and Q are laws on the line (clean and
corrupted), ``P_sigma = P * N(0, sigma^2)`` is P under Gaussian noise, p and q their densities;
distances in nats where they are entropies, in the units of the line where they are transport costs.

From which noise on corrupted data help: ``contraction``, ``noise_slope``, ``kernel_estimate``,
``switching_point``, ``switching_law``, ``vacuity``. How the paper decides it: ``threshold_rule``,
``annotation_level`` and, from above, ``locality``. How it then trains, on a sample w0 that is
annotated with the noise sigma_n and used at sigma > sigma_n: ``minimiser``, ``pseudo_target``,
``variance_price``, ``finite_optimum``, ``buffer``, ``mixing_share``.
"""

LAWS = {
    "ambient.contraction_tv": "theory.ambient.contraction:ContractionTV",
    "ambient.contraction_kl": "theory.ambient.contraction:ContractionKL",
    "ambient.contraction_w1": "theory.ambient.contraction:ContractionW1",
    "ambient.contraction_w2": "theory.ambient.contraction:ContractionW2",
    "ambient.noise_slope": "theory.ambient.noise_slope:NoiseSlope",
    "ambient.dobrushin_coefficient": "theory.ambient.vacuity:DobrushinCoefficient",
    "ambient.kernel_estimate": "theory.ambient.kernel_estimate:KernelEstimate",
    "ambient.switching_point": "theory.ambient.switching_point:SwitchingPoint",
    "ambient.switching_law": "theory.ambient.switching_law:SwitchingLaw",
    "ambient.bound_switch": "theory.ambient.vacuity:BoundSwitch",
    "ambient.classifier_mean": "theory.ambient.threshold_rule:ClassifierMean",
    "ambient.threshold_rule": "theory.ambient.threshold_rule:ThresholdRule",
    "ambient.annotation_level": "theory.ambient.annotation_level:AnnotationLevel",
    "ambient.crop_size": "theory.ambient.locality:CropSize",
    "ambient.minimiser": "theory.ambient.minimiser:Minimiser",
    "ambient.pseudo_target": "theory.ambient.pseudo_target:PseudoTarget",
    "ambient.variance_price": "theory.ambient.variance_price:VariancePrice",
    "ambient.finite_optimum": "theory.ambient.finite_optimum:FiniteOptimum",
    "ambient.buffer_cap": "theory.ambient.buffer:BufferCap",
    "ambient.buffer_loss": "theory.ambient.buffer:BufferLoss",
    "ambient.mixing_share": "theory.ambient.mixing_share:MixingShare",
}
