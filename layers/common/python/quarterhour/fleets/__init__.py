"""All ships together: their sums and their ranking."""
