"""Values of a house: what its devices, circuits and sensors measured, period by period."""
