"""What suppliers announce, and what comes of it."""
