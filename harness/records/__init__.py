"""Records: one row a number, written whole or not at all, compared and published."""
