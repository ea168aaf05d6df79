"""Words: a metric, a factor or a level as a reader sees it, where that is not its own name."""

import re
from collections.abc import Collection, Mapping, Sequence

from harness.report.number import plain

WORDS = {
    "initialisation_kl": "initialisation, KL",
    "initialisation_w2": "initialisation, W2",
    "parametric_tv": "parametric TV",
    "kernel_tv": "kernel TV",
    "sde": "SDE",
    "ode": "ODE",
    "w2_gain": "W2 gain",
    "w2_gain_line": "W2 gain on the line",
    "w2_slope": "W2 slope",
    "gamma_window": "γ window",
    "gamma_window_line": "γ window on the line",
    "cep_noise": "CEP noise",
    "cep_uniform": "CEP uniform",
    "cep_gaussian": "CEP Gaussian",
    "few": "few images",
    "many": "many images",
    "denoising_loss": "held-out loss",
    "fd_random_conv": "FD random conv",
    "fd_zca_pixels": "FD ZCA pixels",
    "high_frequency_ratio": "high-frequency ratio",
    "high_frequency_error": "high-frequency error",
    "spectrum_distance": "spectrum distance",
    "nearest_neighbour_ratio": "nearest-neighbour ratio",
    "ceiling_fd_random_conv": "FD of tokens alone",
    "ceiling_geneval": "GenEval of tokens alone",
    "token_loss/diffusion": "loss, diffusion",
    "token_loss/cross_entropy": "loss, cross-entropy",
    "token_loss/squared": "loss, squared",
    "training_flops": "operations of training",
    "sampling_flops": "operations an image drawn",
    "geneval": "GenEval score",
    "geneval/single_object": "single object",
    "geneval/two_object": "two object",
    "geneval/counting": "counting",
    "geneval/colors": "colors",
    "geneval/position": "position",
    "geneval/color_attr": "color attribute",
    "attack_auc/0.5": "membership AUC at .5",
    "attack_auc_calibrated/0.5": "calibrated AUC at .5",
    "attack_auc/box": "membership AUC, box",
    "attack_over_.95_seen/1": "given back at 1",
    "attack_over_.95_excess/1": "excess given back at 1",
    "extracted": "samples near the seen",
    "extracted_ratio": "distance to the seen",
    "sigma_min_mean": "mean level",
    "sigma_min_sd": "spread of levels",
    "annotation_flops": "operations",
    "sigma_max_admitted": "share admitted",
    "sigma_max_mean": "mean σmax",
    "class_tilt_trained_digits": "class tilt",
    "fd_trained_digits": "FD trained",
    "chosen_checkpoint": "checkpoint",
    "chosen_guidance": "chosen guidance",
    "per_class_fd": "per-class FD",
    "per_class_fd_random_conv": "per-class FD random conv",
    "per_class_fd_trained_digits": "per-class FD trained",
    "per_class_fd_trained": "per-class FD trained",
    "per_class_fd_pixels": "per-class FD pixels",
    "per_class_w2": "per-class W2",
    "per_class_w2_random_conv": "per-class W2 random conv",
    "per_class_w2_trained_digits": "per-class W2 trained",
    "per_class_w2_trained": "per-class W2 trained",
    "class_accuracy_trained_digits": "class accuracy",
    "class_accuracy_trained": "class accuracy",
    "class_accuracy_trained_photos": "class accuracy",
    "class_accuracy_resnet56": "class accuracy",
    "inception_score_trained_digits": "inception score",
    "sample_entropy_trained_digits": "sample entropy",
    "precision_trained_digits": "precision",
    "recall_trained_digits": "recall",
    "density_trained_digits": "density",
    "coverage_trained_digits": "coverage",
    "relative_mahalanobis_trained_digits": "relative Mahalanobis",
    "excess": "excess risk",
    "trainings": "over trainings",
    "departure": "from optimum",
    "excess/0.2": "excess risk at .2",
    "excess/2": "excess risk at 2",
    "class_w2_squared": "W2² to class",
    "class_entropy": "class entropy",
    "scaled_gain": "n² × gain",
    "toward_printed": "toward lemma",
    "clean_share": "share clean",
    "imperfect_share": "share imperfect",
    "train_share": "share of images",
    "mlp": "MLP",
    "unet": "U-Net",
    "dit": "DiT",
    "gaussian": "Gaussian field",
    "jpeg": "JPEG",
    "dropped": "dropped groups",
    "duplicates": "repeated images",
    "copies": "copies of reference",
    "cifar10_jpeg75": "CIFAR-10, JPEG 75",
    "fd": "FD",
    "fd_infinity": "FD∞",
    "spatial_fd": "spatial FD",
    "kid": "KID",
    "sliced_w2": "sliced W2",
    "mind": "MIND",
    "authpct": "AuthPct",
    "mifid_like": "memorisation FD",
    "relative_mahalanobis": "relative Mahalanobis",
    "relative_mahalanobis_trained": "relative Mahalanobis trained",
    "fd_trained": "FD trained",
    "fd_infinity_trained": "FD∞ trained",
    "spatial_fd_trained": "spatial FD trained",
    "spatial_fd_random_conv": "spatial FD random conv",
    "fd_pixels": "FD pixels",
    "kid_trained": "KID trained",
    "kid_random_conv": "KID random conv",
    "sliced_w2_trained": "sliced W2 trained",
    "mind_trained": "MIND trained",
    "authpct_trained": "AuthPct trained",
    "mifid_like_trained": "memorisation FD trained",
    "patch_fd_2": "patch FD 2 px",
    "patch_fd_4": "patch FD 4 px",
    "patch_fd_8": "patch FD 8 px",
    "istd_affine": "ISTD, affine sampler",
    "istd_monotone": "ISTD, two modes on the line",
    "istd_flow": "ISTD, three modes in the plane",
    "trade_off": "cost of the regulariser",
    "lerp": "line",
    "slerp": "arc",
    "beta_tilde": "posterior",
    "ddim_inversion": "DDIM inversion",
    "there_and_back": "there and back",
    "elbo": "ELBO",
    "ddpm": "DDPM",
    "plug_in": "plug-in",
    "over_optimisation": "over-optimisation",
    "gamma = 1": "γ = 1",
    "gap": "distance of loops",
    "gap_exact": "exact distance",
    "gap_printed": "its printed bound",
    "error_exact": "exact error",
    "other gamma": "other γ",
    "error_out": "error out of distribution",
    "error_out/blur": "error, blur",
    "error_out/noise": "error, noise",
    "error_out/contrast": "error, contrast",
}


def words(name: object) -> str:
    """A metric or a level of a factor as a reader sees it; an absent one is a dash."""
    return "–" if name is None else WORDS.get(str(name), str(name).replace("_", " "))


NAMED = {  # factors whose levels say nothing alone, and how these are said
    "embedding": "{} embedding",
    "gamma": "γ = {}",
    "guidance": "guidance {}",
    "images": "{} images",
    "lambda": "λ = {}",
}
BARE = re.compile(r"[-−]?\d+(\.\d+)?( to [-−]?\d+(\.\d+)?)?")  # a number, or from one to another


def level(factor: str, value: object, shared: Collection[object] = ()) -> str:
    """A level as it stands among those of other factors: with the word of its factor where it is a
    number, or one of those that several factors share, or of a factor in ``NAMED``."""
    text = plain(value, 6) if isinstance(value, float) else words(value)
    if factor in NAMED or value in shared or BARE.fullmatch(text):
        return NAMED.get(factor, words(factor) + " {}").format(text)
    return text


def shared_levels(cells: Sequence[Mapping[str, object]], factors: Sequence[str]) -> set[object]:
    """The texts that are levels of more than one factor of some cells."""
    found: dict[object, set[str]] = {}
    for cell in cells:
        for factor in factors:
            if isinstance(value := cell.get(factor), str):
                found.setdefault(value, set()).add(factor)
    return {value for value, of in found.items() if len(of) > 1}
