"""CycleDiffusion: the code of an image under a stochastic sampler."""

LAWS: dict[str, str] = {}
