"""`python -m local`: serve the API on this machine."""

import sys

from local.run import main

sys.exit(main())
