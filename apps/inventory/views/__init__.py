"""Pages of stock: what there is where, why, and what is to be done about it."""
