"""Finite machines as values."""
