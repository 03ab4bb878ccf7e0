#!/bin/sh
# Lint the pure code with the rules of its own; folders that do not exist yet are passed over.
set -eu
cd "$(dirname "$0")/.."
folders=$(grep -v '^[#!]' tools/pure.txt | while read -r folder; do if [ -d "$folder" ]; then echo "$folder"; fi; done)
excludes=$(sed -n 's/^!/--exclude /p' tools/pure.txt)
# shellcheck disable=SC2086  # the lists are words on purpose
exec "${RUFF:-.venv/bin/ruff}" check --quiet --config tools/ruff-pure.toml $excludes $folders
