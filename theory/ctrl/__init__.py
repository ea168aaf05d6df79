"""Conditional control as reinforcement learning: the soft-optimal law."""

LAWS: dict[str, str] = {}
