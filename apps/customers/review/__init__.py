"""Who looked at whom: a log of every attempt and every view, and the review of it."""
