"""How long data about people is kept: a rule for each use of it, tried out before it holds, carried out at night."""
