"""What is claimed of CycleDiffusion and its codes, as the study ``cycle_laws`` decides it."""

from harness.claims.bound import BoundHolds
from harness.claims.claim import Claim, Rule
from harness.claims.formula import Agreement
from harness.claims.shape import Monotone, Signed

SOURCE = "CycleDiffusion (Wu and De la Torre 2023)"


def _claim(name: str, statement: str, source: str, rule: Rule, confirmatory: bool = True) -> Claim:
    return Claim(
        id=f"cycle-{name}",
        statement=statement,
        source=source,
        study="cycle_laws",
        rule=rule,
        regime="paper",
        confirmatory=confirmatory,
    )


INVERTS = (
    _claim(
        "untrained-inverts",
        "The DPM-Encoder reconstructs every image exactly for any network, here an untrained one, "
        "in double precision (every pixel within 1e-9).",
        f"{SOURCE}, section 3, with the residual of the last step",
        Agreement(where={"law": "round_trip", "residual": "kept"}),
    ),
    _claim(
        "untrained-inverts-released",
        "The same where the loop over the codes ends before the last step, as in the released "
        "code.",
        f"{SOURCE}, released code",
        Agreement(where={"law": "round_trip", "residual": "dropped"}),
        confirmatory=False,
    ),
    _claim(
        "gaussian-inverts",
        "For Gaussian data decode(encode(x)) = x whatever variance the model believes in, with "
        "the residual of the last step.",
        f"{SOURCE}, section 3",
        Agreement(where={"law": "reconstruction", "residual": "kept"}),
    ),
    _claim(
        "gaussian-inverts-released",
        "The same without the residual.",
        f"{SOURCE}, released code",
        Agreement(where={"law": "reconstruction", "residual": "dropped"}),
        confirmatory=False,
    ),
)

CODES = (
    _claim(
        "codes-normal-beta",
        "Under the exact score, codes of images are standard normal for the sampler's variance "
        "beta_t.",
        f"{SOURCE}, section 3",
        Agreement(where={"law": "code_variance", "noise": "beta"}),
    ),
    _claim(
        "codes-normal-beta-unit",
        "Restricted: the same for data of unit variance.",
        "derived here, cycle.code_variance",
        Agreement(where={"law": "code_variance", "noise": "beta", "variance": 1.0}),
    ),
    _claim(
        "codes-normal-tilde",
        "Under the exact score, codes of images are standard normal for the posterior variance.",
        f"{SOURCE}, section 3",
        Agreement(where={"law": "code_variance", "noise": "beta_tilde"}),
    ),
    _claim(
        "codes-normal-model",
        "Codes of images have unit size whatever the model and eta.",
        f"{SOURCE}, section 3",
        Agreement(where={"law": "code_size"}),
        confirmatory=False,
    ),
    _claim(
        "codes-grow",
        "The size of a code falls with eta, at every time step and for every model.",
        "derived here, cycle.code_size",
        Monotone("exact", "eta", "falling", {"law": "code_size"}),
    ),
    _claim(
        "codes-least",
        "No model has smaller codes than the exact score.",
        "derived here, cycle.code_size",
        BoundHolds("exact_score", "exact", where={"law": "code_size"}),
        confirmatory=False,
    ),
)

INVERSION = (
    _claim(
        "ddim-inverts",
        "DDIM, run backwards, inverts the sampler without noise.",
        "Song et al. 2021, section 4.3",
        Agreement(where={"law": "ddim_inversion"}),
        confirmatory=False,
    ),
    _claim(
        "ddim-converges",
        "The error of DDIM inversion falls with the number of steps.",
        "Song et al. 2021, section 4.3",
        Monotone("exact", "steps", "falling", {"law": "ddim_inversion"}),
    ),
    _claim(
        "ddim-least",
        "No choice of the steps inverts better than equal angles: error >= 1 - cos^2N(Phi/N).",
        "derived here, cycle.ddim_inversion",
        BoundHolds("at_least", "exact", where={"law": "ddim_inversion"}),
        confirmatory=False,
    ),
)

SHARED = (
    _claim(
        "shared-related",
        "A common latent space emerges: images that two models give one code have something in "
        "common, more than independent ones.",
        f"{SOURCE}, abstract",
        Signed("shared", 1, {"law": "shared_code"}),
    ),
    _claim(
        "shared-optimal",
        "One code pairs the images of two Gaussian models as optimal transport does.",
        f"{SOURCE}, a common latent space; optimality after Khrulkov et al. 2023",
        Agreement(where={"law": "shared_code"}),
        confirmatory=False,
    ),
    _claim(
        "shared-optimal-line",
        "Restricted: the same on the line without noise (eta = 0).",
        "derived here, cycle.shared_code",
        Agreement(where={"law": "shared_code", "pair": "line", "eta": 0.0}),
    ),
    _claim(
        "shared-optimal-commuting",
        "Restricted: the same in the plane for covariances that commute, without noise.",
        "derived here, cycle.shared_code",
        Agreement(where={"law": "shared_code", "pair": "commuting", "eta": 0.0}),
    ),
    _claim(
        "shared-optimal-turned",
        "The same in the plane for covariances that do not commute, without noise.",
        f"{SOURCE}, a common latent space; optimality after Khrulkov et al. 2023",
        Agreement(where={"law": "shared_code", "pair": "turned", "eta": 0.0}),
        confirmatory=False,
    ),
    _claim(
        "shared-optimal-ddpm",
        "The same on the line for DDPM (eta = 1).",
        f"{SOURCE}, a common latent space; optimality after Khrulkov et al. 2023",
        Agreement(where={"law": "shared_code", "pair": "line", "eta": 1.0}),
        confirmatory=False,
    ),
    _claim(
        "shared-noise",
        "The more noise the sampler adds, the further apart are the images of one code.",
        "derived here, cycle.shared_code",
        Monotone("exact", "eta", "rising", {"law": "shared_code"}),
    ),
)

TRANSLATION = (
    _claim(
        "there-and-back",
        "An image translated to the other domain and back is the image.",
        f"cycle consistency (Zhu et al. 2017), asked of {SOURCE}",
        Agreement(where={"law": "there_and_back"}),
    ),
    _claim(
        "lands",
        "Translated images have the variance of the target domain within 1 %, at any eta.",
        f"{SOURCE}, section 3",
        Agreement(where={"law": "translation"}, tolerance=0.01),
    ),
    _claim(
        "lands-ddpm",
        "Restricted: the same for DDPM (eta = 1) at 1000 steps.",
        "derived here, cycle.translation",
        Agreement(where={"law": "translation", "eta": 1.0, "steps": 1000}, tolerance=0.01),
    ),
    _claim(
        "lands-editing",
        "The same for eta = 0.1, as in the experiments with latent diffusion, at 1000 steps.",
        f"{SOURCE}, section 4",
        Agreement(where={"law": "translation", "eta": 0.1, "steps": 1000}, tolerance=0.01),
    ),
)

CLAIMS = (*INVERTS, *CODES, *INVERSION, *SHARED, *TRANSLATION)
