#!/usr/bin/env bash
# Wireshark takes every datagram from or to UDP ports 12000 to 12004 for LLC (IEEE 802.2), which SNA uses over IP
# there (RFC 2353). VILLASnode's Python client and its examples use 12000 and 12001.
#
# One would expect an unknown payload: the protocol "data", with the payload in "data.data". But its first four bytes,
# or three, are read as LLC's addresses and control field, and "data.data" holds the rest. Of a gtnet sample of two
# floats that is the second one, which looks like a whole sample of one; of a sample of one float nothing is left. The
# field "udp.payload" is whole, and so is "data.data" with --disable-protocol llc.
#
# Seen with tshark 4.0.17 of Debian 12. Source: epan/dissectors/packet-llc.c, which registers these ports.
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

# Writes a capture of one UDP datagram of this machine: name, destination port, payload in hexadecimal.
capture() {
  perl -e '
    my ($port, $payload) = ($ARGV[0], pack("H*", $ARGV[1]));
    my $udp = pack("nnnn", 40000, $port, 8 + length $payload, 0) . $payload;
    my $ip = pack("CCnnnCCnNN", 0x45, 0, 20 + length $udp, 1, 0, 64, 17, 0, 0x7f000001, 0x7f000001) . $udp;
    my $frame = "\0" x 12 . pack("n", 0x0800) . $ip;
    print pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1);
    print pack("VVVV", 1700000000, 0, length $frame, length $frame) . $frame;
  ' "$2" "$3" >"$1.pcap"
}

show() {
  local name=$1
  shift
  printf '%s: ' "$name"
  tshark -r "$name.pcap" -T fields -E separator=' ' -e frame.protocols -e udp.payload -e data.data "$@" 2>tshark.log |
    sed 's/^eth:ethertype:ip://; s/ *$//'
}

debian perl= tshark=4.0.
capture gtnet-12000 12000 4366000042480000 # 230 and 50, as 32-bit floats
capture gtnet-12001 12001 43660000 # 230 alone
capture text-12001 12001 7b2263223a20317d0a # {"c": 1} and a line feed
capture gtnet-13000 13000 4366000042480000
echo "On UDP port 12000 or 12001, data.data lacks the first bytes of what VILLASnode sends"
{
  echo "capture: protocols udp.payload data.data"
  show gtnet-12000
  show gtnet-12001
  show text-12001
  show gtnet-13000
  show gtnet-12000 --disable-protocol llc
} | tee seen

cat >expected <<'END'
capture: protocols udp.payload data.data
gtnet-12000: udp:llc:data 4366000042480000 42480000
gtnet-12001: udp:llc 43660000
text-12001: udp:llc:data 7b2263223a20317d0a 223a20317d0a
gtnet-13000: udp:data 4366000042480000 4366000042480000
gtnet-12000: udp:data 4366000042480000 4366000042480000
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
