"""What a synthetic table does to inference; the same as ``ck4gen simulate``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["simulate", *sys.argv[1:]])
