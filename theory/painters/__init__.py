"""Diffusion models paint like painters: closed-form trajectories of Gaussian data."""

LAWS: dict[str, str] = {}
