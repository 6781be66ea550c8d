"""API Gateway on the laptop: routes, events and answers of an HTTP API, behind gunicorn."""
