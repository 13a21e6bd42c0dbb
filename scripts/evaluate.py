"""Evaluate a finished run again, without fitting; the same as ``ck4gen evaluate``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["evaluate", *sys.argv[1:]])
