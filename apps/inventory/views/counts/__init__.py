"""Counts: opening them, counting on a phone, approving what differs."""
