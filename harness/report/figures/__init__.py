"""Figures, one file each, drawn from the records of one study."""
