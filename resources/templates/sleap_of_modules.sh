# What SLEAP do these modules load? One line for each, on standard output:
#   @sleap-module NAME STATUS WORDS
# Read off files and never imported, which can take a minute on a network disk.
# Arguments: seconds for all of them, seconds for each, the names.

look='
name=$1
version=
container=
say() { printf "@sleap-module %s %s %s\n" "$name" "$1" "$2"; exit 0; }
clean() { tr -c "[:print:]" " " | tr -s " " | cut -c "1-300"; }

# Of a folder with Python packages.
in_packages() {
  [ -n "$version" ] && return
  [ -f "$1/sleap/version.py" ] &&
    version=$(sed -n "s/^__version__ *= *[\"\x27]\([0-9][0-9A-Za-z.+-]*\).*/\1/p" "$1/sleap/version.py" | head -n 1)
  for about in "$1"/sleap-[0-9]*.dist-info/METADATA "$1"/sleap-[0-9]*.egg-info/PKG-INFO; do
    [ -z "$version" ] && [ -f "$about" ] &&
      version=$(sed -n "s/^Version: *\([0-9][0-9A-Za-z.+-]*\).*/\1/p" "$about" | head -n 1)
  done
}

# Of an environment: venv, conda, uv tool.
in_environment() {
  [ -n "$version" ] && return
  for packages in "$1"/lib/python3*/site-packages "$1"/lib64/python3*/site-packages; do
    in_packages "$packages"
  done
  for about in "$1"/conda-meta/sleap-[0-9]*.json; do
    [ -z "$version" ] && [ -f "$about" ] &&
      version=$(sed -n "s/.*\"version\": *\"\([0-9][0-9A-Za-z.+-]*\)\".*/\1/p" "$about" | head -n 1)
  done
}

# Of a program: the environment that it lies in, or the one that its first line names.
of_program() {
  [ -n "$version" ] && return
  folder=${1%/*}
  in_environment "${folder%/*}"
  head=$(head -c 2000 "$1" 2>/dev/null | tr -d "\000" | head -n 20)
  case $head in "#!"*) ;; *) return ;; esac
  python=$(printf "%s" "$head" | head -n 3 | sed -n "s@.*[!\" ]\(/[^\" ]*\)/bin/python[0-9.]*.*@\1@p" | head -n 1)
  [ -n "$python" ] && in_environment "$python"
  printf "%s" "$head" | grep -Eq "(singularity|apptainer|docker|podman|udocker|enroot|shifter|ch-run|charliecloud)" &&
    container=yes
}

module purge >/dev/null 2>&1
module load "$name" >/dev/null 2>&1
code=$?
case ":$LOADEDMODULES:" in *":$name:"* | *":$name/"*) loaded=yes ;; *) loaded=${LOADEDMODULES-unknown} ;; esac
if [ "$code" -ne 0 ] || { [ "$loaded" != yes ] && [ "$loaded" != unknown ]; }; then
  module purge >/dev/null 2>&1
  say broken "$(module load "$name" 2>&1 | clean)"
fi

there=
for program in sleap-train sleap-track sleap sleap-label; do
  kind=$(type -t "$program") || continue
  there=yes
  case $kind in
    file)
      path=$(type -P "$program")
      of_program "$path"
      real=$(readlink -f "$path") && [ "$real" != "$path" ] && of_program "$real" ;;
    function)
      declare -f "$program" | grep -Eq "(singularity|apptainer|docker|podman)" && container=yes ;;
  esac
done
[ -n "$there" ] && [ -n "$version" ] && say ok "$version"

if [ -z "$container" ]; then
  for folder in "$CONDA_PREFIX" "$VIRTUAL_ENV"; do
    [ -n "$folder" ] && in_environment "$folder"
  done
  for program in python python3; do
    path=$(type -P "$program") || continue
    [ -n "$version" ] || of_program "$path"
    [ -n "$version" ] || [ -n "$container" ] && continue
    packages=$(timeout 10 "$program" -c "
import importlib.util
spec = importlib.util.find_spec(\"sleap\")
for folder in (spec and spec.submodule_search_locations) or ():
    print(folder)
" | head -n 1)
    [ -n "$packages" ] && in_packages "${packages%/*}"
  done
fi
[ -n "$version" ] && [ -z "$there" ] && say bare "$version"
[ -n "$version" ] && say ok "$version"
[ -n "$there" ] || say none ""
for said in "$EBVERSIONSLEAP" "$SLEAP_VERSION"; do
  case $said in [0-9]*.[0-9]*) say said "$said" ;; esac
done
[ -n "$container" ] && say container ""
say unknown ""
'

if ! type module >/dev/null 2>&1; then
  echo "@sleap-module - nomodule"
  exit 0
fi
# The shells below have the functions of this one, such as `module`.
export -f $(compgen -A function) >/dev/null 2>&1
end=$((SECONDS + $1))
each=$2
shift 2
for name; do
  if [ "$SECONDS" -ge "$end" ]; then
    printf '@sleap-module %s late\n' "$name"
    continue
  fi
  timeout -k 2 "$each" bash -c "$look" look "$name" </dev/null 2>/dev/null
  case $? in 124 | 137) printf '@sleap-module %s slow\n' "$name" ;; esac
done
