"""Decoding a code gives back the image, for any network, trained or not.

*Statement* (Wu and De la Torre 2023): the DPM-Encoder is invertible, decode(encode(x)) = x.

**It is, by construction** (derived here). Let the encoder's path be x_T .. x_1, x_0. The decoder
starts at the same x_T; if it is at the encoder's x_t it steps to ``mu(x_t) + sigma_t (x_{t-1} -
mu(x_t)) / sigma_t = x_{t-1}``, for whatever function mu is; and the residual makes the last step
exact. No property of the network enters, so that **a perfect reconstruction says nothing about a
model**: what the model does not know is in the code (``theory.cycle.code_size``).

**Without the residual it is not.** sigma_1 = 0, so that no code can hold what the last denoising
step gets wrong, and a loop over the codes alone ends at mu(x_1) = x0hat(x_1). Then the error is
``sqrt((1 - abar_1) / abar_1) |e_1 - ehat|`` (``theory.cycle.reconstruction``).

**In numbers of finite precision** each step forgets a relative 2^-53 or 2^-24 of ``x_{t-1} -
mu(x_t)``, a size that does not depend on eta, and the later steps carry it on: however large the
codes are, the error is rounding times what the sampler amplifies, 1/sqrt(abar_T) and the network's
own expansion. In double precision that is far below any tolerance. In single precision it need not
be: an untrained network of 16 pixels at eta = 1 has images off by half a grey level (1/255 on
[-1, 1]), so that codes are better kept in double. A share within a stated tolerance is the value
here, as the error itself is rounding.
"""

from typing import ClassVar, final

import numpy as np

from theory.cycle.encoder import WU, Array, decode, encode, untrained
from theory.cycle.reconstruction import spaced
from theory.law import Law, Params, Value
from theory.parameter import choice, integer, positive


@final
class RoundTrip(Law):
    """Share of images that come back; parameters dimension, steps, eta, residual, precision,
    tolerance, images, seed.

    The network, the images and the noises are those of the seed: the value is a property of them.
    """

    name = "cycle.round_trip"
    statement = "decode(encode(x)) = x, here for a network that has learnt nothing"
    source = f"{WU}, section 3: the DPM-Encoder is invertible"
    unit = "share of images"
    parameters: ClassVar = {
        "dimension": integer("pixels"),
        "steps": integer("steps T, spaced evenly over the schedule's 1000", least=2),
        "eta": positive("noise of the sampler, 1 for DDPM"),
        "residual": choice("the last step's residual", ("kept", "dropped"), default="kept"),
        "precision": choice("numbers that hold the code", ("float64", "float32"), "float64"),
        "tolerance": positive("error of a pixel that counts as none", default=1e-9),
        "images": integer("images", default=64),
        "seed": integer("seed of the network, the images and the noises", least=0, default=0),
    }
    example: ClassVar = {"dimension": 4, "steps": 100, "eta": 0.1}

    def errors(self, params: Params) -> tuple[Array, float]:
        """The largest error of a pixel in each image [images], and the largest number of a code."""
        dimension, steps, eta, residual, precision, _, images, seed = self.read(params)
        network_stream, draws = map(np.random.default_rng, np.random.SeedSequence(seed).spawn(2))
        network = untrained(dimension, network_stream)
        abar = spaced("linear", steps)
        x0 = draws.standard_normal((images, dimension))
        code = encode(x0, network, abar, eta, draws)
        back = decode(code.stored(precision), network, abar, eta, residual == "kept")
        return np.abs(back - x0).max(axis=1), float(np.abs(code.noises).max())

    def exact(self, params: Params, generator: np.random.Generator | None = None) -> Value:
        tolerance = self.read(params)[5]
        return Value(float((self.errors(params)[0] <= tolerance).mean()))

    def printed(self, params: Params) -> Value | None:
        self.read(params)
        return Value(1.0)

    def sharper(
        self, params: Params, generator: np.random.Generator | None = None
    ) -> dict[str, Value]:
        """The largest number of a code, which would be some 4 if codes were standard normal."""
        return {"largest_code": Value(self.errors(params)[1], unit="1")}

    def void(self, params: Params) -> bool:
        self.read(params)
        return False
