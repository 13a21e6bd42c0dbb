"""Summarise finished runs over seeds, from their files alone; the same as ``ck4gen collect``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["collect", *sys.argv[1:]])
