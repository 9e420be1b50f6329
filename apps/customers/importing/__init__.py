"""Customers from a file or an existing system: what would join whom is said before anything is booked."""
