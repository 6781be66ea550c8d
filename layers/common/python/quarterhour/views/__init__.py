"""The views of a house: each a module that plans what it reads and says what it answers."""
