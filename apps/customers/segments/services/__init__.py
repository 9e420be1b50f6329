"""What can be done with segments, each a verb with keyword arguments."""
