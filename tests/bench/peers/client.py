"""A client in Python that does what VILLASnode's example client does: it parses each datagram with Google's Protocol
Buffers, prints the message if asked to, and sends back what it has parsed.

    client.py FOLDER REMOTEPORT [print]

FOLDER holds villas_pb2.py, which protoc has written from proto/villas.proto. Says "ready PORT" on stderr.
"""

import socket
import sys

folder, remote, *rest = sys.argv[1:]
sys.path.insert(0, folder)
import villas_pb2  # noqa: E402

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
sock.connect(("127.0.0.1", int(remote)))
print("ready", sock.getsockname()[1], file=sys.stderr, flush=True)
message = villas_pb2.Message()
while True:
    try:
        data = sock.recv(65536)
    except ConnectionRefusedError:
        continue
    message.ParseFromString(data)
    if rest:
        print(message)
    sock.send(message.SerializeToString())
