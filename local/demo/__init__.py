"""The demo data: what three ships and a sample house would have measured, and its loading."""
