"""So that ``python -m peercompare.cli`` works where the command is not on the path."""

import sys

from peercompare.cli import main

if __name__ == "__main__":
    sys.exit(main())
