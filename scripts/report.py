"""Tables, figures and a web page from finished runs; the same as ``ck4gen report``."""

import sys

from ck4gen.cli.main import main

if __name__ == "__main__":
    main(["report", *sys.argv[1:]])
