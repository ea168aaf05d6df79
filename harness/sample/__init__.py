"""Samplers: how images are drawn from a denoiser, with declared order and calls a step."""

from harness.table import Table

SAMPLERS = Table("sampler", {"heun": "harness.sample.heun:Heun"})
