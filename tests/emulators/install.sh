#!/usr/bin/env bash
# Install what the tests start beside the project, each into its own folder below .emulators/: libraries that the
# project itself cannot hold. What this machine cannot run is left out with a word; its tests then skip, saying why.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
target="$root/.emulators"
uv="$root/.venv/bin/uv"
mkdir -p "$target"

# Reinstall only what changed: the lock's digest is written last.
current() { [ "$(cat "$target/$1/.installed" 2>/dev/null)" = "$(sha256sum "$2" | cut -d' ' -f1)" ]; }
installed() { sha256sum "$2" | cut -d' ' -f1 > "$target/$1/.installed"; }

python_from() { # the first Python of at least version $1 that starts
    for candidate in "$root/.venv/bin/python" python3 python3.13 python3.12 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[23].*/bin/python; do
        "$candidate" -c "import sys; sys.exit(not (3, ${1#3.}) <= sys.version_info < (3, 14))" 2>/dev/null \
            && echo "$candidate" && return
    done
    return 1
}

python_tool() { # name, lock, least Python version
    current "$1" "$2" && return
    local python
    python="$(python_from "$3")" || { echo "emulators: $1 left out: it needs Python $3 or newer"; return; }
    rm -rf "${target:?}/$1"
    "$python" -m venv --without-pip "$target/$1" \
        && VIRTUAL_ENV="$target/$1" "$uv" pip sync --quiet --compile-bytecode --require-hashes "$2" \
        && installed "$1" "$2" || echo "emulators: $1 could not be installed"
}

azurite() {
    current azurite "$here/node/package-lock.json" && return
    command -v npm > /dev/null || { echo "emulators: azurite left out: it needs Node.js with npm"; return; }
    rm -rf "${target:?}/azurite" && mkdir -p "$target/azurite"
    cp "$here/node/package.json" "$here/node/package-lock.json" "$here/node/.npmrc" "$target/azurite/"
    (cd "$target/azurite" && npm ci --omit=dev --silent) \
        && installed azurite "$here/node/package-lock.json" || echo "emulators: azurite could not be installed"
}

python_tool bigquery "$here/requirements-bigquery.lock" 3.11 &
python_tool focus "$here/requirements-focus.lock" 3.12 &
azurite &
wait
