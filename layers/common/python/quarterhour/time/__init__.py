"""Instants, the calendar of a zone, intervals and dates."""
