"""DynamoDB on the laptop: the engine, how it is fetched, its table, and the folder of its data."""
