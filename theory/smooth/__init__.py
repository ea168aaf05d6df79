"""Smooth Diffusion: how evenly an image moves with its noise."""

LAWS: dict[str, str] = {}
