"""Self-consuming loops: models trained on their own samples, with and without correction."""

LAWS: dict[str, str] = {}
