"""The pages about returns, by use."""
