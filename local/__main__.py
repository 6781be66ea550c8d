"""`python -m local`: serve the API on this machine."""

import sys

from local.commands.start import main

sys.exit(main())
