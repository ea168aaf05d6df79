"""The laws of the diffusion classifier: when denoising errors decide as likelihoods do."""

from harness.claims.bound import BoundHolds, SignAgreement
from harness.claims.claim import Claim
from harness.claims.formula import Agreement
from harness.studies.classifier_cells import cells
from harness.studies.study import Study

STUDY_NAME = "classifier_laws"
SOURCE = "Diffusion Classifier (Li et al. 2023, arXiv 2303.16203)"


def _shared_where(**where: str) -> Agreement:
    return Agreement(where={"law": "shared_covariance", **where})


def _spread_where(weighting: str, tolerance: float = 1e-9) -> Agreement:
    return Agreement(where={"law": "error_rate", "weighting": weighting}, tolerance=tolerance)


STUDY = Study(
    name=STUDY_NAME,
    title="The laws of the diffusion classifier",
    question="When do denoising errors decide, and doubt, as the likelihoods do?",
    cells=cells,
    cells_per_job=2000,
    core_minutes=(("cpu", 0.5),),
    claims=(
        Claim(
            id="classifier-elbo-tight",
            statement="With the exact score the evidence lower bound in continuous time is log "
            "p(x|c) at every point.",
            source=f"{SOURCE}, the bound that stands for the likelihood; the equality derived here",
            study=STUDY_NAME,
            rule=Agreement(where={"law": "elbo"}),
            regime="paper",
        ),
        Claim(
            id="classifier-uniform-isotropic",
            statement="The smallest denoising error over uniform t is the Bayes classifier for "
            "normal classes of one isotropic covariance and equal priors.",
            source=f"{SOURCE}, uniform t without the weights of the bound",
            study=STUDY_NAME,
            rule=_shared_where(weighting="uniform", shape="isotropic", priors="equal"),
            regime="paper",
        ),
        Claim(
            id="classifier-uniform-anisotropic",
            statement="The same for one covariance that is not isotropic.",
            source=f"{SOURCE}, uniform t without the weights of the bound",
            study=STUDY_NAME,
            rule=_shared_where(weighting="uniform", shape="anisotropic", priors="equal"),
            regime="paper",
        ),
        Claim(
            id="classifier-uniform-unequal",
            statement="The same for normal classes of different spread.",
            source=f"{SOURCE}, uniform t without the weights of the bound",
            study=STUDY_NAME,
            rule=_spread_where("uniform"),
            regime="paper",
        ),
        Claim(
            id="classifier-elbo-weights-shared",
            statement="The denoising error with the weights of the bound in continuous time is "
            "the Bayes classifier for classes of one covariance, isotropic or not, and equal "
            "priors.",
            source="derived here, from the bound of Kingma et al. 2021",
            study=STUDY_NAME,
            rule=_shared_where(weighting="elbo", priors="equal"),
            regime="paper",
        ),
        Claim(
            id="classifier-elbo-weights-unequal",
            statement="The same for classes of different spread.",
            source="derived here, from the bound of Kingma et al. 2021",
            study=STUDY_NAME,
            rule=_spread_where("elbo"),
            regime="paper",
        ),
        Claim(
            id="classifier-ddpm-weights-unequal",
            statement="The weights of the bound in 1000 steps (linear schedule) give the error "
            "rate of the Bayes classifier to 1 % for classes of different spread.",
            source="Ho et al. 2020, eq. 12, on the classes of this study",
            study=STUDY_NAME,
            rule=_spread_where("ddpm", 0.01),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-one-step",
            statement="One time step in the middle, t = 500, gives the error rate of the Bayes "
            "classifier to 1 % for classes of different spread.",
            source=f"the choice of time steps of {SOURCE}, on the classes of this study",
            study=STUDY_NAME,
            rule=_spread_where("single", 0.01),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-softmax-posterior",
            statement="The softmax of the negative denoising errors over uniform t is the "
            "posterior of two classes of one spread: the log-odds agree.",
            source=f"{SOURCE}, its posterior without the weights of the bound",
            study=STUDY_NAME,
            rule=Agreement(where={"law": "temperature", "weighting": "uniform"}),
            regime="paper",
        ),
        Claim(
            id="classifier-softmax-posterior-elbo",
            statement="The same with the weights of the bound in continuous time.",
            source="derived here, from the bound of Kingma et al. 2021",
            study=STUDY_NAME,
            rule=Agreement(where={"law": "temperature", "weighting": "elbo"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-priors-left-out",
            statement="Without log-priors the smallest denoising error is the Bayes classifier "
            "also for unequal priors (any weighting, one covariance).",
            source=f"{SOURCE}, its posterior under a uniform prior",
            study=STUDY_NAME,
            rule=_shared_where(priors="unequal", log_prior="left out"),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-priors-added-uniform",
            statement="Adding log-priors to the negative errors over uniform t gives the Bayes "
            "classifier for unequal priors and one isotropic covariance.",
            source=f"Bayes' rule as {SOURCE} writes it, with errors for log-likelihoods",
            study=STUDY_NAME,
            rule=_shared_where(
                weighting="uniform", shape="isotropic", priors="unequal", log_prior="added"
            ),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-priors-added-elbo",
            statement="The same with the weights of the bound in continuous time, for every "
            "covariance.",
            source="derived here, from the bound of Kingma et al. 2021",
            study=STUDY_NAME,
            rule=_shared_where(weighting="elbo", priors="unequal", log_prior="added"),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-pairing",
            statement="The same times and noise for both classes lower the variance of the "
            "estimated difference of their errors, against independent draws.",
            source=f"{SOURCE}, the shared set of (t, eps)",
            study=STUDY_NAME,
            rule=BoundHolds("exact", "printed", where={"law": "pairing"}),
            regime="paper",
        ),
        Claim(
            id="classifier-pairing-overlapping",
            statement="The same for overlapping classes, means at most 2 standard deviations "
            "apart (a restricted form of classifier-pairing).",
            source=f"{SOURCE}, the shared set of (t, eps)",
            study=STUDY_NAME,
            rule=BoundHolds("exact", "printed", where={"law": "pairing", "classes": "overlapping"}),
            regime="paper",
            confirmatory=False,
        ),
        Claim(
            id="classifier-pairing-grid",
            statement="On a fixed grid of times, as in the released code, the same noise for both "
            "classes lowers the variance, against independent noise.",
            source=f"{SOURCE}, its released code",
            study=STUDY_NAME,
            rule=BoundHolds("grid_paired", "grid_independent", where={"law": "pairing"}),
            regime="paper",
        ),
        Claim(
            id="classifier-absolute-error",
            statement="The absolute error over uniform t chooses the class of the larger "
            "likelihood, of two normal classes of one isotropic covariance in two dimensions.",
            source=f"{SOURCE}, the l1 loss of its released code",
            study=STUDY_NAME,
            rule=SignAgreement(
                "printed", "exact", 0.9, where={"law": "absolute_error", "axes": "two"}
            ),
            regime="paper",
        ),
        Claim(
            id="classifier-absolute-error-axis",
            statement="The same for means that differ along one axis.",
            source="derived here",
            study=STUDY_NAME,
            rule=SignAgreement(
                "printed", "exact", 0.9, where={"law": "absolute_error", "axes": "one"}
            ),
            regime="paper",
            confirmatory=False,
        ),
    ),
)
