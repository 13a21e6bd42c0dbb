# Sourced by quickstart.sh and test.sh: makes .venv and installs requirements.txt when it changed.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python="${PYTHON:-python3.11}"
command -v "$python" >/dev/null || python=python3
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'; then
    echo "ck4gen needs Python 3.11, 3.12 or 3.13; name it with PYTHON=/path/to/python" >&2
    exit 1
fi
stamp=.venv/requirements.sha256
want="$(cat requirements.txt pyproject.toml | sha256sum)"
if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
    echo "installing requirements.txt into .venv (a few minutes the first time)"
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
    echo "$want" > "$stamp"
fi
