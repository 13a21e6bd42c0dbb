"""Draw a cohort from a shared sampler, without the real data; the same as ``ck4gen generate``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["generate", *sys.argv[1:]])
