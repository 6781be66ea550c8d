"""Writes of readings, with the marks they owe."""
