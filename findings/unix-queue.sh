#!/usr/bin/env bash
# A unix datagram socket holds 11 datagrams, and poll() says that there is room for more when there is none.
#
# One would expect the receiver's SO_RCVBUF to say how much waits for it, as with UDP. It has no effect: Linux counts
# datagrams, net.unix.max_dgram_qlen (10) and one more, however short they are, of all senders together. Long ones are
# limited by the SO_SNDBUF of their sender, where they count until they are read. Nothing is lost: the next sender
# blocks, or gets EAGAIN, even if all that waits there is somebody else's.
#
# One would expect poll() and select() to tell a sender when to go on. They do where it is connected. One that gives
# the address with each datagram (sendto(), as VILLASnode and Deno do) is always told that it can write, so an event
# loop tries again and again until the receiver reads.
#
# Seen with Linux 6.18. Source: net/unix/af_unix.c (unix_recvq_full, unix_dgram_poll); unix(7) does not say it.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

[[ -x /usr/bin/python3 ]] || { echo "Cannot check: Python 3 is missing" && exit 1; }
echo "Linux $(uname -r), $(/usr/bin/python3 --version), max_dgram_qlen $(cat /proc/sys/net/unix/max_dgram_qlen)"
echo "A unix datagram socket holds a few datagrams, whatever its buffer, and poll() says that there is room for more"
/usr/bin/python3 - <<'END' | tee seen
import select, socket

held = int(open("/proc/sys/net/unix/max_dgram_qlen").read()) + 1


def open_socket():
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    opened.setblocking(False)
    return opened


def count(step):
    """Repeats until the socket has no more room, or nothing more."""
    done = 0
    try:
        while True:
            step()
            done += 1
    except BlockingIOError:
        return done


def fill(sender, length):
    return count(lambda: sender.sendto(bytes(length), "receiver.sock"))


receiver, one, other, connected = (open_socket() for _ in range(4))
receiver.bind("receiver.sock")
connected.connect("receiver.sock")
for length in 1, 1000:
    print(f"max_dgram_qlen + 1 of {length} bytes fit: {fill(one, length) == held}")
    print("none of them is lost:", count(lambda: receiver.recv(1)) == held)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)
print("with the smallest receive buffer, too:", fill(one, 1000) == held)
print("then another sender may send:", fill(other, 1))
print("select() says that it can be written, by address:", bool(select.select([], [one], [], 0)[1]))
print("select() says that it can be written, connected:", bool(select.select([], [connected], [], 0)[1]))
count(lambda: receiver.recv(1))
print("fewer of 60,000 bytes fit:", fill(one, 60000) < held, "- then more of another sender:", fill(other, 60000) > 0)
END

cat >expected <<'END'
max_dgram_qlen + 1 of 1 bytes fit: True
none of them is lost: True
max_dgram_qlen + 1 of 1000 bytes fit: True
none of them is lost: True
with the smallest receive buffer, too: True
then another sender may send: 0
select() says that it can be written, by address: True
select() says that it can be written, connected: False
fewer of 60,000 bytes fit: True - then more of another sender: True
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
