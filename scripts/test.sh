#!/usr/bin/env bash
# Sets up .venv, then lint, types and the test suite in two processes; arguments go to pytest.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=  # compiled once, for all processes
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy
exec .venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder "$@"
