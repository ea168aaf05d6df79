"""Slight Corruption in Pre-training Data: what corrupted conditions do to the optimum.

H. Chen et al., "Slight Corruption in Pre-training Data Makes Better Diffusion Models", NeurIPS
2024 (arXiv 2405.20494), section 4 and appendix A; the perturbations of section 5.

Setting. Class k of the data is N(mu_k, I) in R^d. Its n_k samples have the mean muh and the biased
covariance Sh. The noising is the Ornstein-Uhlenbeck process, ``x_t = r x_0 + sigma eps``, r =
exp(-t), sigma^2 = 1 - r^2, and the network is linear and separate for each class and time,
``eps_theta(x_t, y) = W x_t + V c(y)``, at the global minimiser of its loss; c(y) is one-hot.
*Corruption* is embedding noise in training, ``c(y) + gamma xi``, xi standard normal; the sampler,
the probability flow without guidance, is given the clean c(y). Throughout

    kappa = gamma^2 / (1 + gamma^2),   1 - kappa = 1 / (1 + gamma^2).

The theorems say that this raises the entropy of what is generated for a class and lowers its
transport cost to the class. Both directions are right. The lemmas behind them put the scalar
``kappa |muh|^2 I`` where the minimiser has the matrix ``kappa muh muh'`` of rank one, which agrees
for d = 1 alone; each module gives the printed statement and the corrected one with its proof.
Entropies are in nats, transport costs in the squared units of the data.
"""

LAWS: dict[str, str] = {
    "slight_corruption.linear_network": "theory.slight_corruption.linear_network:LinearNetwork",
    "slight_corruption.sampler_output": "theory.slight_corruption.sampler_output:SamplerOutput",
    "slight_corruption.entropy_gain": "theory.slight_corruption.entropy_gain:EntropyGain",
    "slight_corruption.entropy_order": "theory.slight_corruption.entropy_gain:EntropyOrder",
    "slight_corruption.expected_entropy_gain": (
        "theory.slight_corruption.expected_entropy_gain:ExpectedEntropyGain"
    ),
    "slight_corruption.w2_gain": "theory.slight_corruption.w2_gain:W2Gain",
    "slight_corruption.w2_gain_line": "theory.slight_corruption.w2_gain:W2GainLine",
    "slight_corruption.w2_slope": "theory.slight_corruption.w2_slope:W2Slope",
    "slight_corruption.gamma_window": "theory.slight_corruption.gamma_window:GammaWindow",
    "slight_corruption.gamma_window_line": "theory.slight_corruption.gamma_window:GammaWindowLine",
    "slight_corruption.label_flips": "theory.slight_corruption.label_flips:LabelFlips",
    "slight_corruption.marginal_moments": (
        "theory.slight_corruption.marginal_moments:MarginalMoments"
    ),
    "slight_corruption.cep_noise": "theory.slight_corruption.cep_noise:CEPNoise",
}
