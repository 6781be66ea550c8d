"""The edge of scheduled work: events of the clock and of the queue in, rollups out."""
