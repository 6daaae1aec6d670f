#!/usr/bin/env bash
# jq turns floats into integers for jansson, which VILLASnode reads JSON with: 1.0 becomes 1.
#
# JSON has one kind of number, so one would expect a filter that only selects or formats to leave samples what they
# are. But jansson tells reals from integers by their text, and VILLASnode's format json takes their types from that:
# [230.0, -0.0, 1e3] are three floats, and behind jq three integers, one of them without its sign, which are of
# another type than the signals. 64-bit integers come out of jq rounded to doubles, and the largest int64 as a number
# that jansson refuses as too big.
#
# Seen with jq 1.6 and jansson 2.14 of Debian 12. The newer jq in jq-wasm 1.0.1 of npm keeps the text of numbers that
# pass unchanged, and does the same to those that it computes with. Source: jansson's documentation ("Conformance");
# VILLASnode, lib/formats/json.cpp (detect).
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

cat >types.c <<'END'
#include <jansson.h>

int main(void) {
  json_error_t error;
  json_t *item, *list = json_loadf(stdin, 0, &error);
  if (!list) return printf("refused: %s\n", error.text), 0;
  for (size_t i = 0; (item = json_array_get(list, i)); i++) printf("%s ", json_is_real(item) ? "real" : "integer");
  puts(json_dumps(list, JSON_REAL_PRECISION(17)));
}
END

debian gcc= libc6-dev= libjansson-dev=2.14 jq=1.6
gcc -o types types.c -ljansson
echo "What jansson reads as floats are integers behind jq, and the largest integers are refused"
for list in "[230.0, -0.0, 1e3]" "[0.5, 281.69132042006549]" "[9007199254740993]" "[9223372036854775807]"; do
  echo "$list"
  echo "$list" | ./types | sed 's/^/  as it is: /'
  echo "$list" | /usr/bin/jq . | ./types | sed 's/^/  behind jq: /'
done | tee seen

cat >expected <<'END'
[230.0, -0.0, 1e3]
  as it is: real real real [230.0, -0.0, 1000.0]
  behind jq: integer integer integer [230, 0, 1000]
[0.5, 281.69132042006549]
  as it is: real real [0.5, 281.69132042006549]
  behind jq: real real [0.5, 281.69132042006549]
[9007199254740993]
  as it is: integer [9007199254740993]
  behind jq: integer [9007199254740992]
[9223372036854775807]
  as it is: integer [9223372036854775807]
  behind jq: refused: too big integer near '9223372036854776000'
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
