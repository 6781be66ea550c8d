"""What make runs: the service until it is stopped, or one piece of work that ends."""
