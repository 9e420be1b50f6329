"""The demo: Moswijk, a Dutch home-and-living chain that does not exist, built through the services of the apps.

Everything follows from a seed: the same seed, sizes and day give the same chain. `manage.py seed_demo` builds it in one
transaction, so there is a whole demo or none.
"""
