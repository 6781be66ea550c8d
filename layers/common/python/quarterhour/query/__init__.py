"""What is asked: an interval, a range, and the rows that answer it."""
