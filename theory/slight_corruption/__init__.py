"""Slight Corruption in Pre-training Data: what corrupted conditions do to the optimum."""

LAWS: dict[str, str] = {}
