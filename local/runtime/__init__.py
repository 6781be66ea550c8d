"""Lambda on the laptop: the functions, what they are given beside an event, and their schedules."""
