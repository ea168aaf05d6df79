"""Evaluation of anyone's images: reading two sets of them, and what is found between them."""
