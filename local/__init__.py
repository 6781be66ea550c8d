"""What runs the service on a laptop: gateway, DynamoDB engine, supervisor, demo data."""
