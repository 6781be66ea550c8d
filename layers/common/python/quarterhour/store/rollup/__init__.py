"""The rollup: settles what is marked, and closes the days that are due."""
