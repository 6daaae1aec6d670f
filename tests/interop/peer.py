"""Google's implementation of the wire contract, as a peer for the tests.

    peer.py --code FOLDER echo udp LOCALPORT REMOTEPORT
    peer.py --code FOLDER echo unix LOCALPATH REMOTEPATH
    peer.py --code FOLDER send [OPTIONS] udp LOCALPORT REMOTEPORT
    peer.py --code FOLDER send [OPTIONS] unix LOCALPATH REMOTEPATH
    peer.py --code FOLDER parse

FOLDER holds villas_pb2.py, which protoc has written from proto/villas.proto.

echo   Parses each datagram and sends what Google makes of it to the remote.
       Ends on SIGTERM or SIGINT with status 0 and a report on stdout.
send   Sends datagrams, waits for the echo of each one, and compares. Status 0
       if all came back equal, else 1; a report on stdout. --samples reads from
       the next line of stdin what to send (a JSON list of datagrams, each a list of
       samples in the notation below); otherwise it is a set of all types and
       of extremes.
parse  Reads datagrams from stdin, each behind its length (32 bits, little
       endian), and writes a line of JSON for each: "rejected", or the samples.

Local port 0 takes a free port. "ready LOCAL" on stdout says that the socket is
bound. The remote "-" is read from the first line of stdin behind that, so that
each side can take a free port; the remote "sender" answers whoever sent.

A sample in JSON: {"type": 1, "sequence": "7", "ts_origin": ["1", "2"],
"ts_received": null, "new_frame": true, "values": [{"f": "3ff0000000000000"},
{"i": "-1"}, {"b": true}, {"z": ["3f800000", "00000000"]}, {}]}. What is not set
is null. Integers are text, so that no digit is lost; floats are the
hexadecimal digits of their bits, so that no NaN and no sign is.
"""

import argparse
import contextlib
import json
import math
import os
import signal
import socket
import struct
import sys
import time
import warnings

# Python's parser keeps what stands before a stray end of group or a field 0 and
# only warns; the same parser in C++ rejects the message. Take it as C++ does.
# (As an error, the warning would surface somewhere else.)
warned = []
warnings.simplefilter("always", RuntimeWarning)
warnings.showwarning = lambda *_: warned.append(True)


class Stopped(Exception):
    """SIGTERM or SIGINT has come."""


def stop(_number, _frame):
    raise Stopped


@contextlib.contextmanager
def undisturbed():
    """Lets SIGTERM and SIGINT wait until the end."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ends)


# Bits of floats -------------------------------------------------------------


def bits_of(code, value):
    return struct.pack(code, value).hex()


def float_of(code, digits):
    return struct.unpack(code, bytes.fromhex(digits))[0]


# Messages to JSON and back --------------------------------------------------


def timestamp_to_json(sample, name):
    if not sample.HasField(name):
        return None
    timestamp = getattr(sample, name)
    return [
        str(timestamp.sec) if timestamp.HasField("sec") else None,
        str(timestamp.nsec) if timestamp.HasField("nsec") else None,
    ]


def value_to_json(value):
    member = value.WhichOneof("value")
    if member is None:
        return {}
    if member == "f":
        return {"f": bits_of(">d", value.f)}
    if member == "i":
        return {"i": str(value.i)}
    if member == "b":
        return {"b": value.b}
    return {
        "z": [
            bits_of(">f", value.z.real) if value.z.HasField("real") else None,
            bits_of(">f", value.z.imag) if value.z.HasField("imag") else None,
        ]
    }


def sample_to_json(sample):
    return {
        "type": sample.type if sample.HasField("type") else None,
        "sequence": str(sample.sequence) if sample.HasField("sequence") else None,
        "ts_origin": timestamp_to_json(sample, "ts_origin"),
        "ts_received": timestamp_to_json(sample, "ts_received"),
        "new_frame": sample.new_frame if sample.HasField("new_frame") else None,
        "values": [value_to_json(value) for value in sample.values],
    }


def add_sample(message, notation):
    sample = message.samples.add()
    sample.type = notation.get("type") or 1
    if notation.get("sequence") is not None:
        sample.sequence = int(notation["sequence"])
    for name in ("ts_origin", "ts_received"):
        if notation.get(name) is not None:
            timestamp = getattr(sample, name)
            timestamp.sec, timestamp.nsec = (int(part) for part in notation[name])
    if notation.get("new_frame") is not None:
        sample.new_frame = notation["new_frame"]
    for entry in notation.get("values", []):
        value = sample.values.add()
        if "f" in entry:
            value.f = float_of(">d", entry["f"])
        elif "i" in entry:
            value.i = int(entry["i"])
        elif "b" in entry:
            value.b = entry["b"]
        elif "z" in entry:
            value.z.real, value.z.imag = (float_of(">f", part) for part in entry["z"])


# Sockets --------------------------------------------------------------------


class Socket:
    """A datagram socket with a remote, UDP or unix."""

    def __init__(self, layer, local):
        self.layer = layer
        self.path = self.remote = None
        if layer == "udp":
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", int(local)))
            self.name = str(self.socket.getsockname()[1])
        else:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.socket.bind(local)
            self.path = self.name = local
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def introduce(self, remote):
        """Says where this is, and takes notice of where the other side is."""
        print("ready", self.name, flush=True)
        if remote == "-":
            remote = sys.stdin.readline().strip()
        if remote != "sender":
            self.remote = ("127.0.0.1", int(remote)) if self.layer == "udp" else remote

    def receive(self, timeout):
        """The next datagram and its sender; None when it does not come in time."""
        self.socket.settimeout(timeout)
        try:
            return self.socket.recvfrom(65536)
        except socket.timeout:
            return None

    def send(self, data, sender=None, timeout=5.0):
        """Whether it went out. A remote that is not there yet is tried again until the timeout."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                self.socket.settimeout(max(deadline - time.monotonic(), 0.01))
                self.socket.sendto(data, self.remote or sender)
                return True
            except (ConnectionRefusedError, FileNotFoundError, BlockingIOError, socket.timeout):
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)

    def close(self):
        self.socket.close()
        if self.path is not None and os.path.exists(self.path):
            os.unlink(self.path)


# The three modes ------------------------------------------------------------


def report(**fields):
    print(json.dumps(fields), flush=True)


def parse_message(code, data):
    """The message, or None where Google's implementation rejects the bytes."""
    message = code.Message()
    warned.clear()
    try:
        message.ParseFromString(data)
    except code.DecodeError:
        return None
    return None if warned else message


def echo(code, options):
    peer = Socket(options.layer, options.local)
    received = rejected = sent = samples = 0
    try:
        peer.introduce(options.remote)
        while True:
            arrived = peer.receive(None)
            if arrived is None:
                continue
            data, sender = arrived
            # Who has got the answer may stop this process before the answer is counted.
            with undisturbed():
                received += 1
                message = parse_message(code, data)
                if message is None or not message.IsInitialized():
                    rejected += 1
                    continue
                samples += len(message.samples)
                sent += peer.send(message.SerializeToString(), sender)
    except Stopped:
        pass
    finally:
        peer.close()
    report(received=received, rejected=rejected, sent=sent, samples=samples)
    return 0


def all_kinds():
    """Datagrams of every type, of extremes, and of many samples."""
    floats = [0.0, -0.0, 1.0, -1.5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.pi]
    floats += [math.inf, -math.inf, math.nan, 0.1, 1e20, 2.0**53 + 2]
    integers = [0, 1, -1, 127, 128, 2**31 - 1, 2**31, -(2**31), 2**32, 2**53 + 1, 2**63 - 1, -(2**63)]
    parts = [0.0, -0.0, 1.25, -2.5, math.inf, -math.inf, math.nan, 2.0**-149]
    values = {
        "floats": [{"f": bits_of(">d", number)} for number in floats],
        "integers": [{"i": str(number)} for number in integers],
        "booleans": [{"b": True}, {"b": False}],
        "complex": [{"z": [bits_of(">f", a), bits_of(">f", b)]} for a in parts for b in parts],
    }
    origin = ["1700000000", "123456789"]
    datagrams = [[{"sequence": "1", "ts_origin": origin, "values": entries}] for entries in values.values()]
    for sequence in (0, 1, 127, 128, 2**32 - 1, 2**32, 2**53 + 1, 2**63, 2**64 - 1):
        datagrams.append([{"sequence": str(sequence), "values": [{"f": bits_of(">d", 0.5)}]}])
    for origin in (["0", "0"], ["4294967295", "999999999"], ["127", "128"]):
        datagrams.append([{"ts_origin": origin, "values": []}])
    datagrams.append([{"sequence": "3", "new_frame": True, "values": [{"i": "1"}]}])
    datagrams.append(
        [{"sequence": str(n), "ts_origin": origin, "values": [{"f": bits_of(">d", n / 8)}]} for n in range(100)]
    )
    datagrams.append([{"sequence": "0", "values": [{"f": bits_of(">d", n / 3)} for n in range(5400)]}])
    return datagrams


def send(code, options):
    peer = Socket(options.layer, options.local)
    sent = 0
    wrong = []
    try:
        peer.introduce(options.remote)
        datagrams = json.loads(sys.stdin.readline()) if options.samples else all_kinds()
        for number, notation in enumerate(datagrams):
            message = code.Message()
            for sample in notation:
                add_sample(message, sample)
            data = message.SerializeToString()
            if not peer.send(data, timeout=options.timeout):
                wrong.append({"datagram": number, "why": "not sent: nobody listens"})
                break
            sent += 1
            arrived = peer.receive(options.timeout)
            if arrived is None:
                wrong.append({"datagram": number, "why": "no echo in time"})
                continue
            answer = parse_message(code, arrived[0])
            # Serialised, because a NaN equals nothing, not even itself.
            if answer is None or answer.SerializePartialToString(deterministic=True) != data:
                wrong.append({"datagram": number, "why": "another echo", "sent": data.hex(), "echo": arrived[0].hex()})
            elif arrived[0] != data:
                wrong.append({"datagram": number, "why": "other bytes", "sent": data.hex(), "echo": arrived[0].hex()})
    except Stopped:
        wrong.append({"why": "stopped"})
    finally:
        peer.close()
    report(sent=sent, wrong=wrong[:10], failures=len(wrong))
    return 1 if wrong else 0


def parse(code, _options):
    stream = sys.stdin.buffer
    while len(head := stream.read(4)) == 4:
        message = parse_message(code, stream.read(struct.unpack("<I", head)[0]))
        content = "rejected" if message is None else [sample_to_json(sample) for sample in message.samples]
        sys.stdout.write(json.dumps(content, separators=(",", ":")) + "\n")
    sys.stdout.flush()
    return 0


def main():
    parser = argparse.ArgumentParser(description="Google's implementation, as a peer for the tests")
    parser.add_argument("--code", required=True, help="folder of villas_pb2.py")
    modes = parser.add_subparsers(dest="mode", required=True)
    for name in ("echo", "send"):
        mode = modes.add_parser(name)
        mode.add_argument("layer", choices=("udp", "unix"))
        mode.add_argument("local")
        mode.add_argument("remote")
        if name == "send":
            mode.add_argument("--samples", action="store_true", help="read from the next line of stdin what to send")
            mode.add_argument("--timeout", type=float, default=5.0, help="seconds to wait for each echo")
    modes.add_parser("parse")
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.path.insert(0, options.code)
    import villas_pb2
    from google.protobuf.message import DecodeError

    villas_pb2.DecodeError = DecodeError
    try:
        return {"echo": echo, "send": send, "parse": parse}[options.mode](villas_pb2, options)
    except Stopped:
        return 0
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
