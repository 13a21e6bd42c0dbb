#!/usr/bin/env bash
# Sets up .venv and makes a synthetic GBSG2 cohort; arguments go to train.py.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
exec .venv/bin/python scripts/train.py "$@"
