"""Quarterhour: exact 15-minute energy from readings of any spacing."""

__version__ = "0.1.0"
