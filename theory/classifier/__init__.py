"""The diffusion classifier: denoising errors in the place of likelihoods.

A. C. Li, M. Prabhudesai, S. Duggal, E. Brown, D. Pathak, "Your Diffusion Model is Secretly a
Zero-Shot Classifier", ICCV 2023 (arXiv 2303.16203). A conditional diffusion model predicts the
noise in ``x_t = sqrt(abar_t) x + sqrt(1 - abar_t) eps`` as eps(x_t, c). The paper replaces log
p(x|c) by the evidence lower bound, drops its weights and its constant, and classifies by

    p(c|x) ~ exp(-E_{t, eps} |eps - eps(x_t, c)|^2),

t uniform over the training steps, classes equally likely, the same (t, eps) for every class. The
released code averages the square over the dimensions, and counts the steps from 0.

Here the model is perfect and classes are normal: x|c ~ N(mu_c, v_c I), or of one covariance. Then
everything is exact, and what is left is what the method itself does.
"""

LAWS: dict[str, str] = {
    "classifier.elbo": "theory.classifier.elbo:Elbo",
    "classifier.temperature": "theory.classifier.temperature:Temperature",
    "classifier.threshold": "theory.classifier.two_variances:Threshold",
    "classifier.error_rate": "theory.classifier.two_variances:ErrorRate",
    "classifier.shared_covariance": "theory.classifier.shared_covariance:SharedCovariance",
    "classifier.pairing": "theory.classifier.pairing:Pairing",
    "classifier.absolute_error": "theory.classifier.absolute_error:AbsoluteError",
}
