#!/bin/sh
# Make .venv and install one pinned list into it: tools/install.sh constraints.txt
# uv does it in seconds; where uv can't be had or reaches no registry, pip does the same more slowly.
set -eu
cd "$(dirname "$0")/.."
list=$1
python=.venv/bin/python

say() { echo "install: $*" >&2; }

find_python() {
    candidates=${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}
    for candidate in $candidates; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "needs Python 3.11 or newer; none of these is: $candidates. PYTHON=/path/to/python names another."
    exit 2
}

if ! "$python" -m pip --version >/dev/null 2>&1; then
    system_python=$(find_python)
    if ! "$system_python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "$system_python has no venv module; on Debian: apt-get install python3-venv"
        exit 2
    fi
    say "making .venv with $("$system_python" --version)"
    "$system_python" -m venv --clear .venv
fi

# uv trusts what the machine trusts, and gets from the environment what a site has set for pip there.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi
if [ -n "${PIP_CERT:-}" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
    export SSL_CERT_FILE="$PIP_CERT"
fi

say "installing $list"
pip="$python -m pip --disable-pip-version-check --quiet"
$pip install --require-hashes --requirement constraints-uv.txt 2>/dev/null || say "no uv to be had"
if [ -x .venv/bin/uv ] &&
    said=$(.venv/bin/uv pip install --quiet --python "$python" --require-hashes --requirement "$list" 2>&1); then
    :
else
    say "uv could not (${said:-not installed}); pip does the same more slowly"
    $pip install --require-hashes --requirement "$list"
fi
$pip install --no-deps --no-build-isolation --editable .
