#!/usr/bin/env bash
# Three readers of VILLASnode's schema do three things with a sample without its required type.
#
# Google's API for Java says that parsing a message without a required field throws, so one would expect all readers
# of proto2 to refuse it. But
# - Python takes it, reads DATA, the default, and fails where the program sends it on: SerializeToString() raises;
# - protobuf-c, which VILLASnode uses, takes it, too, and refuses only required fields without default, such as nsec;
# - protobufjs refuses it.
# Of a type that the schema does not have, Python reads DATA as well, protobuf-c the number, and protobufjs says that
# type is missing. So an echo in Python that works with a VILLASnode may fail with another sender.
#
# Seen with Python's protobuf 3.21.12 and protobuf-c 1.4.1 of Debian 12, and protobufjs 8.8.1; Python's protobuf
# 7.36.2 does as 3.21.12. Source: Java API of Protocol Buffers (UninitializedMessageException); VILLASnode,
# lib/formats/villas.proto.
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

cat >t.proto <<'END'
syntax = "proto2";
message Time { required uint32 sec = 1; required uint32 nsec = 2; }
message Sample { enum Type { DATA = 1; } required Type type = 1 [default = DATA]; optional Time ts_origin = 3; }
END
cat >t.py <<'END'
import sys, t_pb2
sample = t_pb2.Sample.FromString(bytes.fromhex(sys.argv[1]))
print("type", sample.type, end=", then ")
try: sample.SerializeToString()
except Exception as error: print(type(error).__name__)
END
cat >t.c <<'END'
#include <stdio.h>
#include "t.pb-c.h"
int main(int count, char *arguments[]) {
  uint8_t data[16], length = 0;
  while (sscanf(arguments[1] + 2 * length, "%2hhx", &data[length]) == 1) length++;
  Sample *sample = sample__unpack(NULL, length, data);
  printf(sample ? "type %d" : "refused", sample ? sample->type : 0);
}
END
cat >t.cjs <<'END'
const Sample = require("protobufjs").loadSync("t.proto").lookupType("Sample");
try { Sample.decode(Buffer.from(process.argv[2], "hex")); } catch (error) { console.log(error.message); }
END

debian protobuf-compiler=3.21. python3-protobuf=3.21. protobuf-c-compiler=1.4. libprotobuf-c-dev=1.4. gcc= libc6-dev=
npm install --silent --no-fund --no-audit protobufjs@8.8.1
echo "protobufjs 8.8.1, Node.js $(node --version)"
protoc --python_out=. t.proto && protoc-c --c_out=. t.proto && gcc -o t t.c t.pb-c.c -lprotobuf-c
echo "Python parses a sample without its required type and cannot send it on, protobuf-c can, protobufjs refuses it"
while read -r data name; do
  echo "$name: Python: $(/usr/bin/python3 t.py "$data"); protobuf-c: $(./t "$data"); protobufjs: $(node t.cjs "$data")"
done <<'END' | tee seen
1a0408011002 no type
0809 type 9
08011a020801 no nsec
END

cat >expected <<'END'
no type: Python: type 1, then EncodeError; protobuf-c: type 1; protobufjs: missing required 'type'
type 9: Python: type 1, then EncodeError; protobuf-c: type 9; protobufjs: missing required 'type'
no nsec: Python: type 1, then EncodeError; protobuf-c: refused; protobufjs: missing required 'nsec'
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
