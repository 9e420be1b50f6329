"""Trying a sourcing profile out on orders of the past."""
