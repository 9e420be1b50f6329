"""How many customers stores have, in numbers from which nobody can be told apart."""
