"""The edge: HTTP API events in, answers out. Shapes are checked here, meaning in the domain."""
