"""A mask: which share of the pixels is dropped, and the level that stands in their place.

Missing pixels are shown at one known level and are not marked: a network sees 0, and not that it
saw nothing. That is the harder reading of the published settings, in which the mask is known
(Bora, Price, Dimakis, AmbientGAN, ICLR 2018; Daras, Shah, Dagan, Gollakota, Dimakis, Klivans,
Ambient Diffusion: Learning Clean Distributions from Corrupted Data, NeurIPS 2023); there the level
is 0 as well, which is mid-grey here.
"""

from harness.problem import Problem


def require_mask(name: str, share: float, fill: float) -> None:
    """Refuse a share outside (0, 1) and a level outside [-1, 1]. ``name`` is the corruption's.

    Raises ``Problem``.
    """
    if not 0 < share < 1:
        fix = "give a share of the pixels above 0 and below 1"
        raise Problem(f"share of {name}", repr(share), fix)
    if not -1 <= fill <= 1:
        raise Problem(f"fill of {name}", repr(fill), "give a level from -1 (black) to 1 (white)")
