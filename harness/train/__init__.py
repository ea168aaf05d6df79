"""Training: the material, the pool of admissible images, the loop, and what a cell asks of it."""
