#!/usr/bin/env bash
# InfluxDB 1 answers "204 No Content" to samples that it does not keep as they are: it leaves out a signal that is
# called time, and makes one sample of two that have the same time, which neither of them was.
#
# One would expect 400, as for a line whose only field is time, or a second point. But a field of that name is taken
# off a line that has others, without a word; and points of one measurement, with the same tags and the same time, are
# merged field by field. So of a recording whose clock ticks in milliseconds, or of two links without a tag that tells
# them apart, what is stored may hold a value of one sample beside a value of another.
#
# Seen with InfluxDB 1.6.7 of Debian 12. Source: influxdata/influxdb, issue 23024, and the "duplicate points" of its
# documentation of the line protocol. Newer versions of 1.x report the field (pull request 26998).
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 no_proxy='*'
folder=$(mktemp -d)
daemon=
trap '[[ -z $daemon ]] || { kill "$daemon" && wait "$daemon" || true; }; rm -rf "$folder"' EXIT
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

debian influxdb=1.6.7 curl=
{
  echo 'reporting-disabled = true'
  echo 'bind-address = "127.0.0.1:28088"'
  printf '[meta]\ndir = "%s/meta"\n[data]\ndir = "%s/data"\nwal-dir = "%s/wal"\n' "$folder" "$folder" "$folder"
  printf '[http]\nbind-address = "127.0.0.1:28086"\nlog-enabled = false\n[monitor]\nstore-enabled = false\n'
} >influxdb.conf
influxd -config influxdb.conf >influxdb.log 2>&1 &
daemon=$!
curl -sf --retry 100 --retry-delay 1 --retry-connrefused http://127.0.0.1:28086/ping

query() { curl -s http://127.0.0.1:28086/query --data-urlencode "q=$1" --data "db=lab&epoch=ns"; }

# Writes lines of a measurement, and shows the answer and what is stored.
try() {
  printf '%s\n' "$2" | sed 's/^/  /'
  curl -s -w '  answer %{http_code}\n' 'http://127.0.0.1:28086/write?db=lab' --data-binary "$2" |
    sed 's/^{"error":"\(.*\)"}$/  \1/'
  query "SELECT * FROM $1" | sed -n 's/.*\("columns.*\)}\]}\]}/  \1/p'
}

query "CREATE DATABASE lab" >created.log
echo "A field called time is dropped, and samples of the same time are merged, with status 204"
{
  try clock "clock time=0.5,va=230 1700000000000000000"
  try alone "alone time=0.5 1700000000000000000"
  try grid $'grid va=230,vb=231 1700000000001000000\ngrid va=229 1700000000001000000'
} | tee seen

cat >expected <<'END'
  clock time=0.5,va=230 1700000000000000000
  answer 204
  "columns":["time","va"],"values":[[1700000000000000000,230]]
  alone time=0.5 1700000000000000000
  partial write: invalid field name: input field \"time\" on measurement \"alone\" is invalid dropped=1
  answer 400
  grid va=230,vb=231 1700000000001000000
  grid va=229 1700000000001000000
  answer 204
  "columns":["time","va","vb"],"values":[[1700000000001000000,229,231]]
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
