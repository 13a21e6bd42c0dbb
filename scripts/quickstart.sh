#!/usr/bin/env bash
# Sets up .venv, makes a synthetic GBSG2 cohort from all patients, then audits the same
# configuration with patients held out, and ends with the verdict; arguments go to both.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
.venv/bin/ck4gen train method=ck4gen_free "$@"
exec .venv/bin/ck4gen audit method=ck4gen_free "$@"
