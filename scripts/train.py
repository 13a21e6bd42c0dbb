"""Make one run (dataset x method x split x seed), or many with -m; the same as ``ck4gen train``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["train", *sys.argv[1:]])
