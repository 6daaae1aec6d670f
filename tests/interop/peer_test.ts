/**
 * Tries the Python peer itself, with bare sockets and the codec, and so the codec with Google's implementation.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import type { Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { findPython, hasProtoc, startPeer } from "./_tools.ts";

const python = await findPython() ?? "";
const ignore = !(await hasProtoc()) || python === "";
const format = protobuf();

/** A socket of ours that is closed with the scope. */
interface Side extends Disposable {
  readonly socket: Deno.DatagramConn;
  readonly port: number;
  /** Sends back what comes, decoded and encoded again, until the scope ends. */
  echoTo(remote: Deno.Addr): void;
}

function sideOf(socket: Deno.DatagramConn): Side {
  return {
    socket,
    port: (socket.addr as Deno.NetAddr).port,
    async echoTo(remote) {
      for await (const [datagram] of socket) await socket.send(format.encode(format.decode(datagram)), remote);
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

const openUdp = () => sideOf(Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 }));
const at = (port: string): Deno.NetAddr => ({ transport: "udp", hostname: "127.0.0.1", port: Number(port) });

Deno.test({ name: "protobuf over UDP comes back from Google's echo as it was sent", ignore }, async () => {
  using side = openUdp();
  const { socket } = side;
  await using peer = await startPeer(python, "echo", "udp", 0, side.port);
  const samples: Sample[] = [
    { sequence: 2n ** 64n - 1n, tsOrigin: { sec: 2 ** 32 - 1, nsec: 999_999_999 }, values: [NaN, -0, 5e-324] },
    { sequence: 0n, newFrame: true, values: [-(2n ** 63n), 2n ** 63n - 1n, true, { real: -0, imag: Infinity }] },
    { values: [] },
  ];
  const buffer = new Uint8Array(65_536);
  const sent = [samples, ...samples.map((sample) => [sample])];
  for (const datagram of sent) {
    await socket.send(format.encode(datagram), at(peer.local));
    const [received] = await socket.receive(buffer);
    assertEquals(received.toHex(), format.encode(datagram).toHex());
    assertEquals(format.decode(received), datagram);
  }
  await socket.send(Uint8Array.of(0x0a), at(peer.local));
  await socket.send(format.encode([]), at(peer.local));
  assertEquals((await socket.receive(buffer))[0].length, 0);
  const { output, code } = await peer.stop();
  assertEquals({ ...JSON.parse(output), code }, { received: 6, rejected: 1, sent: 5, samples: 6, code: 0 });
});

Deno.test({ name: "protobuf over UDP echoes all that Google's implementation sends", ignore }, async () => {
  using side = openUdp();
  await using peer = await startPeer(python, "send", "udp", 0, side.port);
  side.echoTo(at(peer.local));
  const { output, code } = await peer.finish();
  assertEquals({ ...JSON.parse(output), code }, { sent: 19, wrong: [], failures: 0, code: 0 });
});

Deno.test({ name: "protobuf over unix sockets echoes all that Google's implementation sends", ignore }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    using side = sideOf(Deno.listenDatagram({ transport: "unixpacket", path: `${folder}/client.sock` }));
    await using peer = await startPeer(python, "send", "unix", `${folder}/server.sock`, `${folder}/client.sock`);
    side.echoTo({ transport: "unixpacket", path: peer.local });
    const { output, code } = await peer.finish();
    assertEquals({ ...JSON.parse(output), code }, { sent: 19, wrong: [], failures: 0, code: 0 });
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["client.sock"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test({ name: "peer.py sends what stdin says to the remote that stdin names", ignore }, async () => {
  using side = openUdp();
  await using peer = await startPeer(python, "send", "--samples", "udp", 0, "-");
  await peer.writeLine(side.port);
  await peer.writeLine(
    '[[{"sequence": "7", "ts_origin": ["1", "2"], "values": [{"f": "bff8000000000000"}, {"i": "-1"}]}]]',
  );
  const [datagram] = await side.socket.receive();
  assertEquals(format.decode(datagram), [{ sequence: 7n, tsOrigin: { sec: 1, nsec: 2 }, values: [-1.5, -1n] }]);
  await side.socket.send(datagram, at(peer.local));
  const { output, code } = await peer.finish();
  assertEquals({ ...JSON.parse(output), code }, { sent: 1, wrong: [], failures: 0, code: 0 });
});

Deno.test({ name: "peer.py reports an echo that is not what it sent", ignore }, async () => {
  using side = openUdp();
  await using peer = await startPeer(python, "send", "--samples", "udp", 0, side.port);
  await peer.writeLine('[[{"values": [{"i": "1"}]}]]');
  await side.socket.receive();
  await side.socket.send(format.encode([{ values: [1] }]), at(peer.local));
  const { output, code } = await peer.finish();
  const wrong = [
    { datagram: 0, why: "another echo", sent: "0a070801a206021001", echo: "0a0e0801a2060909000000000000f03f" },
  ];
  assertEquals({ ...JSON.parse(output), code }, { sent: 1, wrong, failures: 1, code: 1 });
});

Deno.test({ name: "peer.py reports an echo that does not come in time", ignore }, async () => {
  using side = openUdp();
  await using peer = await startPeer(python, "send", "--samples", "--timeout", 0.05, "udp", 0, side.port);
  await peer.writeLine('[[{"values": [{"i": "1"}]}]]');
  const { output, code } = await peer.finish();
  const wrong = [{ datagram: 0, why: "no echo in time" }];
  assertEquals({ ...JSON.parse(output), code }, { sent: 1, wrong, failures: 1, code: 1 });
});

Deno.test({ name: "peer.py ends at SIGTERM while nobody listens, and takes its socket away", ignore }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using peer = await startPeer(python, "send", "unix", `${folder}/server.sock`, `${folder}/nobody.sock`);
    const { output, code } = await peer.stop();
    assertEquals({ ...JSON.parse(output), code }, { sent: 0, wrong: [{ why: "stopped" }], failures: 1, code: 1 });
    assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
