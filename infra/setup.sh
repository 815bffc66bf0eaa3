#!/bin/sh
# `make setup`: an environment with exactly the locked dependencies. $1 is its folder; nothing outside it is touched.
set -eu

venv=$1
lock=requirements-dev.txt

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3 python}; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and was not found. Install it (https://www.python.org/downloads/)" \
        "or name it: make setup PYTHON=/path/to/python3.11"
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "setup: creating $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" || fail "$python cannot create environments; on Debian and Ubuntu install python3-venv"
fi

echo "setup: installing the locked dependencies (a minute or two, once)"
for list in infra/pip.txt "$lock"; do
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r "$list" ||
        fail "installing $list failed; the lines above say why (no network? a proxy?). Nothing is half done: run it again."
done

# An environment elsewhere, which several checkouts may share, keeps the command of the first.
if [ "${venv#/}" = "$venv" ] || ! [ -e "$venv/bin/sdr" ] || grep -qF "PYTHONPATH=\"$(pwd)\"" "$venv/bin/sdr"; then
    cat >"$venv/bin/sdr" <<LAUNCHER
#!/bin/sh
PYTHONPATH="$(pwd)" exec "$(cd "$venv" && pwd)/bin/python" -P -m infra.cli "\$@"
LAUNCHER
    chmod +x "$venv/bin/sdr"
else
    echo "setup: $venv/bin/sdr belongs to another checkout; here run: PYTHONPATH=. $venv/bin/python -m infra.cli"
fi
touch "$venv/.ready"
