"""The pages of jobs: one's own list, one job with its progress, and what the top of every page shows."""
