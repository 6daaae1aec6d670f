#!/usr/bin/env bash
# A UDP receive buffer of 208 KiB, Linux's default, holds about 256 datagrams of one sample, 11 KiB of them.
#
# One would expect SO_RCVBUF to count what was sent. It counts the kernel's memory: a datagram costs some 800 bytes at
# least, and memory comes in a few sizes, so that one byte costs as much as 44, and 700 bytes as much as 1,400. At
# 10,000 samples a second, a receiver that pauses for 30 ms loses some, although 480 ms of them have as many bytes as
# the buffer.
#
# One would expect too large a buffer to be refused. setsockopt() succeeds, and gives what net.core.rmem_max allows;
# getsockopt() tells twice as much as was given, for that bookkeeping.
#
# Seen with Linux 6.18, on the loopback; network cards have sizes of their own. Source: socket(7) (SO_RCVBUF), and
# include/linux/skbuff.h (SKB_TRUESIZE).
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

[[ -x /usr/bin/python3 ]] || { echo "Cannot check: Python 3 is missing"; exit 1; }
echo "Linux $(uname -r), $(/usr/bin/python3 --version), net.core.rmem_max $(cat /proc/sys/net/core/rmem_max)"
echo "A UDP receive buffer holds a few hundred short datagrams, and asking for more than there may be is no error"
/usr/bin/python3 - <<'END' | tee seen
import socket
import sys

buffer = (socket.SOL_SOCKET, socket.SO_RCVBUF)
maximum = int(open("/proc/sys/net/core/rmem_max").read())
size = 212992
receiver, sender = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
receiver.bind(("127.0.0.1", 0))
receiver.setblocking(False)


def count_kept(length):
    """Sends more than fits, and counts what was kept."""
    for _ in range(2 * size // (length + 500)):
        sender.sendto(bytes(length), receiver.getsockname())
    kept = 0
    try:
        while True:
            receiver.recv(length)
            kept += 1
    except BlockingIOError:
        return kept


receiver.setsockopt(*buffer, 2**30)
print("1 GiB is no error, and gives twice net.core.rmem_max:", receiver.getsockopt(*buffer) == 2 * maximum)
receiver.setsockopt(*buffer, size // 2)
print("half of", size, "bytes gives", receiver.getsockopt(*buffer))
kept = {length: count_kept(length) for length in (1, 44, 700, 1400)}
print("  datagrams that a buffer of this size keeps, by their length in bytes:", kept, file=sys.stderr)
print("keeps fewer than 300 datagrams of 44 bytes:", kept[44] < 300)
print("keeps no more datagrams of 1 byte than of 44:", kept[1] == kept[44])
print("keeps as many datagrams of 1400 bytes as of 700:", kept[1400] == kept[700])
END

cat >expected <<'END'
1 GiB is no error, and gives twice net.core.rmem_max: True
half of 212992 bytes gives 212992
keeps fewer than 300 datagrams of 44 bytes: True
keeps no more datagrams of 1 byte than of 44: True
keeps as many datagrams of 1400 bytes as of 700: True
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
