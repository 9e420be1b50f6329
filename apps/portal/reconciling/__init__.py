"""The pages of comparing the books: when, what, and each figure that differs."""
