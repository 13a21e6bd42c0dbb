"""Draw the hazard ratios of a finished run; the same as ``ck4gen forest``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["forest", *sys.argv[1:]])
