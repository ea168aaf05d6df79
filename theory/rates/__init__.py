"""Statistical rates and Girsanov: what an error of the score costs."""

LAWS: dict[str, str] = {}
