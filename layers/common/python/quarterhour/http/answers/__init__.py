"""What is answered, in its forms."""
