"""Networks: what is trained. Each works on a stack of K independent copies at once.

A basis decides in which modes a denoiser weighs signal against noise, and what its network sees.
"""

from harness.table import Table

NETWORKS = Table(
    "network",
    {
        "mlp": "harness.nets.mlp:ResidualMLP",
        "unet": "harness.nets.unet:UNet",
        "dit": "harness.nets.dit:DiT",
    },
)

BASES = Table(
    "basis",
    {
        "dct": "harness.nets.dct:Dct",
        "patch_pca": "harness.nets.patch_pca:PatchPCA",
    },
)
