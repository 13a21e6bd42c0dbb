#!/usr/bin/env bash
# Which lines the test suite runs, as a table; arguments go to pytest. Slower than test.sh.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
export OMP_NUM_THREADS=1
exec .venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov ck4gen --cov-report term-missing "$@"
