"""Pages of the franchise."""
