"""Samplers: how images are drawn from a denoiser, with declared order and calls a step.

An inpainter fills in a part of an image; it states its calls too.
"""

from harness.table import Table

SAMPLERS = Table("sampler", {"heun": "harness.sample.heun:Heun"})

INPAINTERS = Table("inpainter", {"repaint": "harness.sample.repaint:RePaint"})
