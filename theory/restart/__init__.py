"""Restart sampling: what alternating noise and an ODE does to errors."""

LAWS: dict[str, str] = {}
