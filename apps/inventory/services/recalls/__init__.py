"""Recalls: goods are taken out of sale everywhere at once, by the ledger, and come back when it is lifted.

What is for sale moves to quality control, location by location, with the recall as cause; what comes in later lands there too
(`holding.set_apart`, called by the one writer of movements). So no sum of what is free has to know of recalls.
"""
