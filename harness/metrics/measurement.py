"""What a cell asks to be measured of its samples and of its denoiser."""

from dataclasses import dataclass

from harness.metrics import EXTRACTORS, METRICS

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
    """Parameters of the stage ``measure``: rows of the metric table, and the extractors behind."""

    metrics: tuple[str, ...] = (*SAMPLES, "denoising_loss")
    extractors: tuple[str, ...] = ("zca_pixels", "random_conv")
    held_out: int | None = None  # images behind the denoising loss; None takes all held-out ones

    def entries(self) -> list[str]:
        return [METRICS.entry(name) for name in self.metrics] + [
            EXTRACTORS.entry(name) for name in self.extractors
        ]
