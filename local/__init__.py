"""What runs the service on a laptop: gateway, DynamoDB engine, supervisor, demo data."""

import sys
from pathlib import Path

# The package of the layer is imported from where it is.
sys.path.append(str(Path(__file__).parents[1] / "layers" / "common" / "python"))
