"""Search for hyper-parameters by hazard error and privacy; the same as ``ck4gen search``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["search", *sys.argv[1:]])
