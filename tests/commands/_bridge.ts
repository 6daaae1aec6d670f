/**
 * The other ends of a bridge.
 *
 * @module
 */

import { type Client, connect, type ConnectOptions, type Sample } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import type { Running } from "./_cli.ts";

/** An address of this machine with a free port. */
export const anyAddress = "udp://127.0.0.1:0";

/** Returns the address that a bridge says it receives on, as soon as it does. */
export async function receivingAddress(bridge: Running): Promise<string> {
  const [, address = ""] = await bridge.expectError(/Receiving on (\S+),/);
  return address;
}

/** Opens a receiver that takes what comes from any address. */
export async function listen(options: ConnectOptions = {}): Promise<Client> {
  return await connect({ transport: await openUdp({ local: anyAddress }), ...options });
}

/** Receives a number of samples. */
export async function take(client: Client, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (samples.length < count) samples.push(...(await client.receive({ timeout: 20 })).flat());
  return samples;
}

/** Samples with the numbers from one to another, which their times and values have, too. */
export const range = (from: number, to: number): Sample[] =>
  Array.from({ length: to - from }, (_, index) => ({
    sequence: BigInt(from + index),
    tsOrigin: { sec: 1, nsec: from + index },
    values: [from + index, 0.5],
  }));

/** Writes routes that receive on free ports, or on given ones. */
export async function writeRoutes(path: string, ...paths: unknown[]): Promise<void> {
  await Deno.writeTextFile(path, JSON.stringify({ paths }));
}
