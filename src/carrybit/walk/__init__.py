"""The walk in a terminal: a trace, forwards step by step and all the way back. It reads the trace, and computes nothing."""
