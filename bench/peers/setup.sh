#!/bin/sh
# Installs the peers of bench/peers.ts into bench/peers/js/node_modules and bench/peers/.venv, which git ignores:
#   sh bench/peers/setup.sh [PYTHON]
set -eu
cd "$(dirname "$0")"
npm ci --prefix js --no-audit --no-fund
"${1:-python3}" -m venv .venv
.venv/bin/python -m pip install --disable-pip-version-check --progress-bar off -r requirements.txt
