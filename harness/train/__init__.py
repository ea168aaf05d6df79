"""Training: the pool of admissible images, the loop that reads aloud, and what a cell asks of it."""
