"""Pages of figures and goals."""
