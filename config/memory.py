"""Memory of a process that serves requests, or works for others."""

import gc


def settle() -> None:
    """Leave what was loaded at the start out of garbage collection: to look through all of it takes 100 ms of some request."""
    gc.collect()
    gc.freeze()
