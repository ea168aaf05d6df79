"""One velocity field: noise, data, score and velocity are one parameterisation."""

LAWS: dict[str, str] = {}
