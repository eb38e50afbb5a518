# Sourced by examples/run, tests/run and .ci/run: installs what is missing, configures, builds.
# Everything that these functions say goes to standard error.

rill_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

rill_packages=(g++ cmake ninja-build pkg-config libopenblas-openmp-dev libspdlog-dev libcli11-dev
               nlohmann-json3-dev libjs-vega graphviz libgtest-dev wamerican bible-kjv)

# OpenMP's threads wait for each other by spinning, a few milliseconds where nothing is said. On a busy
# machine that takes the processor from the very thread that they wait for; this is about 0.1 ms.
if [[ ! ${OMP_WAIT_POLICY:-} ]]; then export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-20000}"; fi

# Breaks lines where the terminal behind the descriptor $1 ends; a file gets them as they are.
between_words() {
  if [[ -t $1 ]]; then fold -s -w "$(columns "$1")"; else cat; fi
}

say() {
  { printf 'rill: %s\n' "$*" | between_words 3 >&3; } 3>&2
}

fail() {
  say "$*"
  exit 1
}

# require_packages NAME...: the Debian packages are installed when this returns.
require_packages() {
  if [[ ${RILL_SKIP_PACKAGES:-} ]]; then return; fi
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    require_tools
    return
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]})); then install_packages "${missing[@]}"; fi
}

missing_packages() {
  local installed name
  installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "$@" 2>/dev/null || true) "
  for name in "$@"; do
    if [[ $installed != *" installed=$name "* ]]; then printf '%s\n' "$name"; fi
  done
}

install_packages() {
  local root=() log
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail_for_packages "$@"
    root=(sudo)
    [[ -t 0 ]] || root+=(-n)
    "${root[@]}" true || fail_for_packages "$@"
  fi
  say "installing Debian packages: $*"
  log="$(mktemp)"
  root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600)
  # Without news from the servers the lists at hand may still do.
  "${root[@]}" update </dev/null >"$log" 2>&1 || true
  if ! "${root[@]}" install --no-install-recommends "$@" </dev/null >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "apt-get could not install: $*"
  fi
  rm -f "$log"
}

fail_for_packages() {
  say "these packages are missing, and installing them needs root: $*"
  fail "run this first: sudo apt-get update && sudo apt-get install $* (or set RILL_SKIP_PACKAGES=1 if you have them)"
}

# Where there is no apt-get: names the tools and libraries that rill does not find.
require_tools() {
  local missing=() name
  for name in cmake ninja pkg-config; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  command -v "${CXX:-c++}" >/dev/null || missing+=("a C++20 compiler (g++ 12 or clang 14, or newer)")
  if command -v pkg-config >/dev/null; then
    for name in openblas spdlog CLI11 gtest nlohmann_json; do
      pkg-config --exists "$name" || missing+=("$name")
    done
  fi
  if ((${#missing[@]} == 0)); then return; fi
  say "rill needs, and did not find:"
  printf '  %s\n' "${missing[@]}" >&2
  fail "install them with your system's package manager, for example:" \
       "brew install cmake ninja pkg-config openblas libomp spdlog cli11 googletest nlohmann-json" \
       "(set RILL_SKIP_PACKAGES=1 if this is mistaken)"
}

# build PRESET TARGET...: configures where that is due, then builds.
build() {
  local preset="$1" folder="$rill_root/build/$1"
  shift
  mkdir -p "$folder"
  if ! is_configured "$folder"; then configure "$preset" "$folder"; fi
  if ! cmake --build "$folder" -j "$(getconf _NPROCESSORS_ONLN)" --target "$@" 2>&1 |
      tee "$folder/build.log" | show_progress "building in build/$preset"; then
    cat "$folder/build.log" >&2
    fail "the build failed; the lines above are also in $folder/build.log"
  fi
}

# A build folder that was moved together with its checkout must be configured anew.
is_configured() {
  [[ -f $1/build.ninja ]] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$rill_root" "$1/CMakeCache.txt"
}

configure() {
  say "configuring build/$1"
  if ! (cd "$rill_root" && cmake --preset "$1" --fresh) >"$2/configure.log" 2>&1; then
    cat "$2/configure.log" >&2
    fail "the configuration failed; the lines above are also in $2/configure.log"
  fi
}

# The columns of the terminal behind a descriptor, 80 where it does not say.
columns() {
  local size
  size="$(stty size <&"$1" 2>/dev/null)" || size=
  size="${size#* }"
  if ((${size:-0} > 0)); then printf '%s\n' "$size"; else printf '%s\n' "${COLUMNS:-80}"; fi
}

# Says once that there is work, and on a terminal which step it has come to.
show_progress() {
  local line told= width
  width="$(($(columns 2) - 1))"
  while IFS= read -r line; do
    if [[ $line != \[* || $line == *"Re-checking globbed"* ]]; then continue; fi
    if [[ ! $told ]]; then say "$1"; fi
    told=1
    if [[ -t 2 ]]; then printf '\r\033[K%.*s' "$width" "$line" >&2; fi
  done
  if [[ $told && -t 2 ]]; then printf '\r\033[K' >&2; fi
}
