"""From readings to energy: quantities, and how readings become quarter hours up to years."""
