"""The command line as ``python -m trackside``."""

import sys

from trackside._cli import main

if __name__ == "__main__":
    sys.exit(main())
