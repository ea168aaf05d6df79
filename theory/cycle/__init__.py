"""CycleDiffusion: the code of an image under a stochastic sampler, and what two models share by it.

C. H. Wu and F. De la Torre, "A Latent Space of Stochastic Diffusion Models for Zero-Shot Image
Editing and Guidance", ICCV 2023 (first as arXiv 2210.05559, "Unifying Diffusion Models' Latent
Space, with Applications to CycleDiffusion and Guidance"). Steps t = T .. 1, ``x_t = sqrt(abar_t)
x_0 + sqrt(1 - abar_t) e_t``, abar_0 = 1, beta_t = 1 - abar_t / abar_{t-1}. A model predicts x0hat
and ehat from x_t, and samples by

    x_{t-1} = mu(x_t) + sigma_t eps_t,
    mu = sqrt(abar_{t-1}) x0hat + sqrt(1 - abar_{t-1} - sigma_t^2) ehat,
    sigma_t^2 = eta^2 betatilde_t,   betatilde_t = beta_t (1 - abar_{t-1}) / (1 - abar_t),

DDPM at eta = 1, DDIM at eta = 0. All its randomness is the *code* z = (x_T, eps_T, .., eps_1). The
DPM-Encoder finds a code of a given image: draw x_T, then x_{T-1} .. x_1 from q_eta(x_{t-1} | x_t,
x_0), which is the same step with the true x_0 and e_t in place of the model's, and solve each step
for its eps_t. Decoding that code by another model translates the image.

The laws here are those of Gaussian data N(0, v) and models that believe in a variance w (``w = v``
is the exact score), for which everything is linear.
"""

LAWS: dict[str, str] = {
    "cycle.round_trip": "theory.cycle.round_trip:RoundTrip",
    "cycle.reconstruction": "theory.cycle.reconstruction:Reconstruction",
    "cycle.code_variance": "theory.cycle.code_variance:CodeVariance",
    "cycle.code_size": "theory.cycle.code_size:CodeSize",
    "cycle.ddim_inversion": "theory.cycle.ddim_inversion:DDIMInversion",
    "cycle.shared_code": "theory.cycle.shared_code:SharedCode",
    "cycle.there_and_back": "theory.cycle.there_and_back:ThereAndBack",
    "cycle.translation": "theory.cycle.translation:Translation",
}
