"""Smooth Diffusion: how evenly an image moves as its noise moves.

J. Guo et al., "Smooth Diffusion: Crafting Smooth Latent Spaces in Diffusion Models", CVPR 2024
(arXiv 2312.04410). A sampler is a map from a noise z to an image x(z). The paper measures it by
the interpolation standard deviation (ISTD): between two noises lie n + 1 images, n = 10, and the
ISTD is the standard deviation of the n distances between neighbours. It trains with a step-wise
regulariser that asks the proportion between a change of the noise and the change of the denoised
image to be one constant, for every direction and time step. The laws here are those of affine
samplers, which are exact for Gaussian data, and of the probability flow of Gaussian mixtures.

``x_t = sqrt(abar) x_0 + sqrt(1 - abar) eps``; distances are Euclidean, in the units of the data.
The paper leaves open whether noises are joined by a line or by an arc, whether the standard
deviation divides by n or by n - 1, and the scale of a pixel: the first two are parameters here, and
in the third the ISTD is of degree one.
"""

LAWS: dict[str, str] = {
    "smooth.istd_affine": "theory.smooth.affine:AffineDeviation",
    "smooth.istd_monotone": "theory.smooth.monotone:MonotoneDeviation",
    "smooth.istd_flow": "theory.smooth.flow:FlowDeviation",
    "smooth.regulariser": "theory.smooth.regulariser:Regulariser",
    "smooth.trade_off": "theory.smooth.trade_off:TradeOff",
}
