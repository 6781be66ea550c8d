"""Reads: from blocks where they are valid, from the readings elsewhere."""
