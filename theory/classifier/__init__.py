"""The diffusion classifier: denoising errors as likelihoods."""

LAWS: dict[str, str] = {}
