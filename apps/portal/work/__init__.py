"""Work that waits in stores: what, since when, and by when it should be done. Apps contribute the kinds of it."""
