"""Token models: an image as a row of tokens, each drawn given those that were drawn before it.

Four parts, each to be chosen apart from the others, so that an effect can be laid at one of them
(Li, Tian, Li, Deng and He 2024, "Autoregressive image generation without vector quantization",
MAR; Fan et al. 2024, "Fluid", whose comparison moves several at once):

    tokeniser    images as tokens, vectors of d numbers or codes of a codebook, and back
    order        which token comes when, and whether one that is asked for sees what comes later
    network      one transformer for all (``harness.tokens.transformer``)
    head         what is learned of a token's law given the network's output for it

``harness.tokens.loss`` is the loss of a batch, ``harness.tokens.draw`` draws images' tokens. Both
work on stacks: K replicates, each with a generator of its own. ``harness.tokens.model`` builds the
last three of the parts as one, and counts what it costs.
"""

from harness.table import Table

TOKENISERS = Table(
    "tokeniser",
    {
        "patches": "harness.tokens.patches:Patches",
        "codebook": "harness.tokens.codebook:Codebook",
    },
)

ORDERS = Table(
    "order",
    {
        "raster": "harness.tokens.raster:Raster",
        "random": "harness.tokens.random:Random",
        "masked": "harness.tokens.masked:Masked",
    },
)

NETWORKS = Table("token network", {"transformer": "harness.tokens.transformer:Transformer"})

HEADS = Table(
    "head",
    {
        "diffusion": "harness.tokens.diffusion:Diffusion",
        "cross_entropy": "harness.tokens.cross_entropy:CrossEntropy",
        "squared": "harness.tokens.squared:Squared",
    },
)
