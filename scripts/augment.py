"""Compare training on real rows alone and with synthetic ones; the same as ``ck4gen augment``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["augment", *sys.argv[1:]])
