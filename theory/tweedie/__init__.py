"""Consistent Diffusion Meets Tweedie: exact training and sampling from noisy data alone."""

LAWS: dict[str, str] = {}
