"""CTRL: conditional control of a diffusion model as regularised reward maximisation.

Y. Zhao, M. Uehara, G. Scalia, S. Kung, T. Biancalani, S. Levine, E. Hajiramezanali, "Adding
Conditional Control to Diffusion Models with Reinforcement Learning", ICLR 2025 (arXiv 2406.12120).

A pre-trained model samples p_pre(x). A new control y comes with a classifier p(y|x). The drift of
the reverse diffusion is trained to maximise

    E[gamma log p(y | x_0)] - KL(path measure || path measure of the pre-trained model)

and the paper shows that the optimum samples the *soft-optimal law* ``p(y|x)^gamma p_pre(x) / Z``,
for gamma = 1 the conditional law p(x|y), through a drift that is classifier guidance at gamma = 1.

Notation: Ornstein-Uhlenbeck noising dx = -x dt + sqrt(2) dW, r = exp(-t), so that the reverse
drift is ``x + 2 grad log p_t + 2 grad log h_t``; x_0 is the sample (the paper calls it x_T);
``h_t(x) = E_pre[exp(gamma log p(y|x_0)) | x_t = x]``. In the Gaussian setting p_pre = N(mu, v) and
p(y|x_0) = N(y; x_0, tau^2), tau^2 being ``noise_variance``.
"""

LAWS: dict[str, str] = {
    "ctrl.guided_law": "theory.ctrl.guided_law:GuidedLaw",
    "ctrl.start_bias": "theory.ctrl.start_bias:StartBias",
    "ctrl.optimal_value": "theory.ctrl.optimal_value:OptimalValue",
    "ctrl.path_divergence": "theory.ctrl.path_divergence:PathDivergence",
    "ctrl.mixture_pull": "theory.ctrl.mixture_pull:MixturePull",
    "ctrl.reward_error": "theory.ctrl.reward_error:RewardError",
    "ctrl.over_optimisation": "theory.ctrl.over_optimisation:OverOptimisation",
}
