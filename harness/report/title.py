"""The title and the question of a study, as everything that is shown of it has them."""

from harness.studies import STUDIES


def title_of(study: str) -> str:
    """The title of a study; its name where it is in no table."""
    return STUDIES[study].title if study in STUDIES else study


def question_of(study: str) -> str:
    """The question that a study asks; nothing where it is in no table."""
    return STUDIES[study].question if study in STUDIES else ""
