#!/usr/bin/env bash
# Linux leaves sockets out of /proc/net/udp, or lists them twice, while other sockets come and go.
#
# One would expect a table of all sockets, as one reading of a file gives it. But the kernel hands it over in pieces of a
# page, and finds its place for the next piece by counting: where a socket before that place was closed meanwhile, one is
# skipped, and where one was opened, one comes again. So a socket that has been open all the time has no row now and then,
# and with it no receive queue and no count of drops (the column that tells how many datagrams a receiver never saw).
#
# Seen with Linux 6.18, and python3 3.11 of Debian 12 to open the sockets. Source: net/ipv4/udp.c (udp_get_next) and
# fs/seq_file.c of Linux.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Installs what is missing of Debian packages (NAME=VERSION), and prints the versions, which the finding is about.
debian() {
  local names=("${@%=*}") package version
  dpkg-query -W "${names[@]}" >apt.log 2>&1 ||
    { apt-get update && apt-get install -y --no-install-recommends "${names[@]}"; } >apt.log 2>&1 ||
    { cat apt.log && exit 1; }
  for package; do
    version=$(dpkg-query -W -f '${Version}' "${package%=*}")
    echo "${package%=*} $version"
    [[ $version == "${package#*=}"* ]] || { echo "Cannot check: the finding is about $package" && exit 1; }
  done
}

cat >rows.py <<'END'
import multiprocessing, socket, sys

def open_sockets(count):
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for one in sockets:
        one.bind(("", 0))
    return sockets

def come_and_go():
    while True:
        for one in open_sockets(60):
            one.close()

def count_wrong(readings):
    keys = ["00000000:%04X" % one.getsockname()[1] for one in kept]
    wrong = 0
    for _ in range(readings):
        rows = [row.split()[1] for row in open("/proc/net/udp")]
        wrong += any(rows.count(key) != 1 for key in keys)
    return wrong

kept = open_sockets(40)
still = count_wrong(1000)
other = multiprocessing.Process(target=come_and_go, daemon=True)
other.start()
moving = count_wrong(1000)
other.terminate()
print(f"{still} and {moving} of 1000", file=sys.stderr)
print("while nothing else happens:", "whole" if still == 0 else "not whole")
print("while other sockets come and go:", "whole" if moving == 0 else "not whole")
END

debian python3=3.11
echo "linux $(uname -r | cut -d. -f1-2)"
echo "Readings of /proc/net/udp in which one of 40 open sockets is missing, or is there twice:"
# In a network of its own, where nobody else has sockets.
unshare --map-root-user --net python3 rows.py | tee seen

cat >expected <<'END'
while nothing else happens: whole
while other sockets come and go: not whole
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
