"""The cells: what happens in one tick of time, forward and back."""
