#!/usr/bin/env bash
# Sets up .venv, then lint, types and the test suite in two processes; arguments go to pytest.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=  # compiled once, for all processes
.venv/bin/ruff check .
.venv/bin/ruff format --check .
.venv/bin/mypy & types=$!  # beside pytest, which leaves a core idle at its start and its end
failed=0
.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder "$@" || failed=$?
wait "$types" || { echo "mypy: its errors stand above" >&2; failed=1; }
exit "$failed"
