#!/bin/bash
# Debian packages first (only those that are missing), then the Python environments.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
while read -r package; do
    [[ -z $package || $package == \#* ]] && continue
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done < resources/environments/debian.txt

if ((${#missing[@]})); then
    echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
    as_root=()
    if [[ $(id -u) != 0 ]]; then as_root=(sudo); fi
    # Services stay off: the practice cluster starts its own, in places of its own.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c '
        set -e
        policy=/usr/sbin/policy-rc.d
        made=
        if [ ! -e $policy ]; then
            printf "#!/bin/sh\nexit 101\n" > $policy && chmod 755 $policy && made=yes
            trap "[ -z \$made ] || rm -f $policy" EXIT
        fi
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "$@" > /dev/null
    ' setup "${missing[@]}"
fi
exec python3 resources/environments/build.py "$@"
