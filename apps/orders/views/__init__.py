"""The pages about orders, by use."""
