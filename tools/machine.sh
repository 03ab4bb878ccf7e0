#!/bin/sh
# See that the programs a target needs are on this machine: tools/machine.sh TARGET PROGRAM...
# As root, or with CI=true or INSTALL=1 and sudo without a password, missing Debian packages are
# installed; otherwise one line names them and what works without.
set -eu
target=$1
shift
PATH=$PATH:/usr/sbin:/sbin

# A library is asked for by the file that a program loads.
has() {
    case $1 in
        lib*.so*) ldconfig -p 2>/dev/null | grep -q "$1" ;;
        *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing=
for program in "$@"; do
    has "$program" && continue
    case $program in
        node) missing="$missing nodejs" ;;
        soffice) missing="$missing libreoffice-calc-nogui" ;;
        pdftoppm) missing="$missing poppler-utils" ;;
        libpangoft2-1.0.so.0) missing="$missing libpangoft2-1.0-0 libharfbuzz-subset0" ;;
        *) missing="$missing $program" ;;
    esac
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "make $target needs$missing on PATH; make demo works without." >&2
    exit 2
elif [ "$(id -u)" = 0 ]; then
    as_root=
elif { [ "${CI:-}" = true ] || [ "${INSTALL:-}" = 1 ]; } && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "make $target needs$missing: sudo apt-get install$missing (or INSTALL=1 make $target, with sudo); make demo works without." >&2
    exit 2
fi

# A package must not start its server here: the tests start their own on ports of their own.
guard=/usr/sbin/policy-rc.d
if [ ! -e "$guard" ]; then
    trap '$as_root rm -f "$guard"' EXIT
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$guard" >/dev/null
    $as_root chmod 755 "$guard"
fi
echo "make $target: installing$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086  # a list of words on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
