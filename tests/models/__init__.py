"""Slow, plain models of the specification, and the strategies that feed them."""
