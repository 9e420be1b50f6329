"""PostgreSQL and Valkey out of Python wheels, for a machine that has neither.

Nothing here imports Django: settings ask these modules where the sockets are.
"""
