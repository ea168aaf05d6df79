"""Self-consuming loops: models trained on their own samples, with and without correction.

Q. Bertrand, A. J. Bose, A. Duplessis, M. Jiralerspong, G. Gidel, "On the Stability of Iterative
Retraining of Generative Models on their own Data", ICLR 2024 (arXiv 2310.00429); N. Gillman, M.
Freeman, D. Aggarwal, C.-H. Hsu, C. Luo, Y. Tian, C. Sun, "Self-Correcting Self-Consuming Loops for
Generative Model Training", ICML 2024 (arXiv 2402.07087); S. Alemohammad et al., "Self-Consuming
Generative Models Go MAD", ICLR 2024 (arXiv 2307.01850).

A family p_theta is fitted by maximum likelihood to real data and to its own samples, which are
corrected with a strength gamma in [0, infinity], ``theory.loops.correction``:

    theta*        argmax E_data log p_theta
    G(theta)      argmax over t of  E_data log p_t + lambda E_{pi_gamma p_theta} log p_t
    pi_gamma p    (p + gamma p_theta*) / (1 + gamma)

lambda is the number of synthetic samples for one real one. G^n is G with n real samples, drawn
once, and floor(lambda n) synthetic ones, drawn anew in each generation. gamma = 0 is the loop of
Bertrand et al. The assumptions of the theorems, near theta*:

    1  x -> Hessian_theta log p_theta(x) is L-Lipschitz
    2  Hessian_theta E_data log p_theta <= -alpha I
    3  W1(p_theta*, p_data) <= epsilon
    4  |G^n(theta) - G(theta)| <= epsilon_opt + a sqrt(log(b/delta) / n) with probability 1 - delta

The fully synthetic loop of Alemohammad et al. has no real data (lambda infinite), the synthetic
augmentation loop a fixed real set (G^n, gamma = 0), the fresh data loop new real data in each
generation. Laws are those of Gaussians, in units of the data's standard deviation, unless a
module says otherwise.
"""

LAWS: dict[str, str] = {
    "loops.contraction": "theory.loops.contraction:Contraction",
    "loops.misspecified": "theory.loops.misspecified:Misspecified",
    "loops.parameterisation": "theory.loops.parameterisation:Parameterisation",
    "loops.gaussian_iteration": "theory.loops.gaussian_iteration:GaussianIteration",
    "loops.stationary_error": "theory.loops.stationary_error:StationaryError",
    "loops.finite_loop": "theory.loops.finite_loop:FiniteLoop",
    "loops.biased_corrector": "theory.loops.biased_corrector:BiasedCorrector",
    "loops.synthetic_only": "theory.loops.synthetic_only:SyntheticOnly",
    "loops.collapse": "theory.loops.collapse:Collapse",
    "loops.sampling_bias": "theory.loops.sampling_bias:SamplingBias",
    "loops.fresh_data": "theory.loops.fresh_data:FreshData",
    "loops.toy": "theory.loops.toy:Toy",
}
