"""Published GenEval scores, as their papers print them: single runs, to two digits, no interval.

Detector: Mask2Former with a Swin-S backbone and CLIP ViT-L/14, as published, by the authors of each
row. Scores with other detectors, or with rewritten prompts, are not comparable. An overall
score of 0.43 over GenEval's prompts, four images each, is known to ± 0.015 (95 %) if the images of
a prompt are independent, and to ± 0.03 if they are all right or all wrong together (simulated with
``harness.geneval.interval``).
"""

from dataclasses import dataclass
from typing import final

GENEVAL = "Ghosh, Hajishirzi and Schmidt, GenEval, NeurIPS 2023: table of the published repository"
FLUID = "Fan et al., Fluid, ICLR 2025: abstract"


@final
@dataclass(frozen=True)
class Published:
    """One row. overall: as printed; tasks: means in the order of ``TASKS``, or none printed."""

    model: str
    overall: float
    tasks: tuple[float, ...]
    source: str
    interval: str = "no interval given"


PUBLISHED = (
    Published("CLIP retrieval", 0.35, (0.89, 0.22, 0.37, 0.62, 0.03, 0.00), GENEVAL),
    Published("minDALL-E", 0.23, (0.73, 0.11, 0.12, 0.37, 0.02, 0.01), GENEVAL),
    Published("Stable Diffusion v1.5", 0.43, (0.97, 0.38, 0.35, 0.76, 0.04, 0.06), GENEVAL),
    Published("Stable Diffusion v2.1", 0.50, (0.98, 0.51, 0.44, 0.85, 0.07, 0.17), GENEVAL),
    Published("Stable Diffusion XL", 0.55, (0.98, 0.74, 0.39, 0.85, 0.15, 0.23), GENEVAL),
    Published("IF-XL", 0.61, (0.97, 0.74, 0.66, 0.81, 0.13, 0.35), GENEVAL),
    Published("Fluid 10.5B", 0.69, (), FLUID),
)
