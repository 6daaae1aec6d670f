/**
 * Tests of both UDP transports, which depend on the layouts of the machine's C library: those of `recvmmsg`, of
 * `sendmmsg` and of socket addresses. `main.ts` runs them on ARM64.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { TransportOptions } from "../../lib/transports/transport.ts";
import { openUdp } from "../../lib/transports/udp.ts";
import { openPair, pattern, receiveAll, testTransport } from "../transports/contract.ts";

/** Opens one that does batches, or fails. */
function openBatch(options: TransportOptions) {
  const onFallback = (why: string) => {
    throw new Error(why);
  };
  return openUdp({ ...options, batch: true, onFallback });
}

const addresses = Deno.args.includes("--quick") ? ["udp://127.0.0.1:0"] : ["udp://127.0.0.1:0", "udp://[::1]:0"];

for (const address of addresses) {
  const common = { newAddress: () => address, noticesAbsence: false };
  const openPlain = (options: TransportOptions) => openUdp({ ...options, batch: false });
  testTransport({ name: `openUdp() one by one on ${address}`, open: openPlain, ...common });
  const kit = { name: `openUdp() in batches on ${address}`, open: openBatch, ...common };
  testTransport(kit);

  Deno.test(`${kit.name}: one call sends and receives datagrams of all lengths, each with its own`, async () => {
    await using pair = await openPair(kit);
    const lengths = [100, 100, 100, 99, 100, 0, 0, 101, 1, 1, 1232, 1232, 1233, 1233, 9000, 5];
    const sent = lengths.map((length, number) => pattern(length, number));
    assertEquals(await pair.b.send(sent), sent.length);
    assertEquals(await receiveAll(pair.a, sent.length), sent);
  });

  Deno.test(`${kit.name}: one call receives datagrams of several senders, and tells them apart`, async () => {
    const ignored: string[] = [];
    await using pair = await openPair(kit, { onIgnored: (from) => ignored.push(from) });
    using other = await openBatch({ local: address, remote: pair.a.local });
    await other.send([pattern(1)]);
    await pair.b.send([pattern(2)]);
    await other.send([pattern(3)]);
    await pair.b.send([pattern(4)]);
    assertEquals(await receiveAll(pair.a, 2), [pattern(2), pattern(4)]);
    assertEquals(ignored, [other.local, other.local]);
  });

  Deno.test(`${kit.name}: the kernel says how large the receive buffer is`, async () => {
    using batch = await openBatch({ local: address });
    assert((batch.stats().receiveBuffer ?? 0) > 100_000);
  });
}
