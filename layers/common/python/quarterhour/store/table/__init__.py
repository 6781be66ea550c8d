"""The table itself: its calls, keys, values, blocks and counters."""
