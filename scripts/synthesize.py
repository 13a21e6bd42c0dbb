"""Make a synthetic table of a user's own cohort; the same as ``ck4gen synthesize``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["synthesize", *sys.argv[1:]])
