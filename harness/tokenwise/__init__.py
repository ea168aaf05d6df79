"""Token models as stages: trained on a dataset, drawn from, and read (``harness.tokens``).

train_tokens    a stack of replicates; weights, and what their tokenisers have learned
sample_tokens   images, left as the stage ``sample`` leaves them, so that whatever measures,
                scores and shows those of denoisers does it here
token_loss      the held-out loss; what the tokeniser alone costs in likeness; operations
"""
