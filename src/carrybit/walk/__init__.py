"""A walk through a trace, stop by stop: as data, as lines of text, and in the terminal."""
