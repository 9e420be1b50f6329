"""Products and prices from a file: one row a SKU. What is not in the file stays as it is."""
