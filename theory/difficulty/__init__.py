"""Denoising task difficulty: which noise levels are hard, and for which data."""

LAWS: dict[str, str] = {}
