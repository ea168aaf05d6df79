"""Networks: what is trained. Each works on a stack of K independent copies at once."""

from harness.table import Table

NETWORKS = Table(
    "network",
    {
        "mlp": "harness.nets.mlp:ResidualMLP",
        "unet": "harness.nets.unet:UNet",
    },
)
