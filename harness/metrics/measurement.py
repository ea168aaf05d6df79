"""What a cell asks to be measured of its samples and of its denoiser."""

from dataclasses import dataclass

from harness.cell import later
from harness.metrics.reading import Reading, reading
from harness.problem import Problem

TRAINED = "trained_"  # what the name of a trained extractor begins with, before its dataset
SAMPLES = (
    "fd_random_conv",
    "fd_zca_pixels",
    "high_frequency_ratio",
    "high_frequency_error",
    "spectrum_distance",
    "nearest_neighbour_ratio",
)


@dataclass(frozen=True)
class Measurement:
    """Parameters of the stage ``measure``: the names of readings, and the extractors behind them.

    held_out: images behind the denoising loss; None takes all held-out ones. unnamed: readings on
    the trained classifier of the cell's own dataset are called ``fd_trained`` whichever that is,
    so that a study of several datasets has one name for them.
    """

    metrics: tuple[str, ...] = (*SAMPLES, "denoising_loss")
    extractors: tuple[str, ...] = ("zca_pixels", "random_conv")
    held_out: int | None = None
    unnamed: bool = later(False)

    def __post_init__(self) -> None:
        for each in self.readings:
            if each.extractor not in (None, *self.extractors):
                raise Problem(
                    f"the reading {each.name}",
                    f"the extractors {', '.join(self.extractors)}",
                    f"name {each.extractor} among them",
                )

    @property
    def readings(self) -> tuple[Reading, ...]:
        return tuple(reading(name) for name in self.metrics)

    def called(self, each: Reading) -> str:
        """What a record calls a reading."""
        if self.unnamed and each.extractor is not None and each.extractor.startswith(TRAINED):
            return f"{each.metric}_{TRAINED}".rstrip("_")
        return each.name

    def entries(self) -> list[str]:
        return list(dict.fromkeys(row for each in self.readings for row in each.entries()))
