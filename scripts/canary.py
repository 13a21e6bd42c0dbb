"""Fit with and without some patients; the same as ``ck4gen canary``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["canary", *sys.argv[1:]])
