"""Segments: saved conditions over what customers do in every channel."""
