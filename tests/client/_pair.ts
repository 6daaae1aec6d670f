/**
 * Clients and their peers, for the tests of clients.
 *
 * @module
 */

import { type Client, connect, type ConnectOptions, type Sample } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { type DatagramTransport, openMemory } from "@villas/client/transports";

const folder = await Deno.makeTempDir({ prefix: "v-" });
Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

let addresses = 0;

/** Addresses that nobody has, by transport. */
export const newAddress = {
  udp: () => "udp://127.0.0.1:0",
  unix: () => `unix:${folder}/${++addresses}.sock`,
  memory: () => `memory:client-${++addresses}`,
};

/** Opens a transport of the test, and a client that has it as its remote. */
export async function openPair(
  options: ConnectOptions = {},
): Promise<{ peer: DatagramTransport; client: Client } & Disposable> {
  const peer = await openMemory();
  const client = await connect({ local: newAddress.memory(), remote: peer.local, ...options });
  await peer.setRemote(client.local);
  return {
    peer,
    client,
    [Symbol.dispose]() {
      peer.close();
      client.close();
    },
  };
}

/** Creates a sample. */
export function numbered(sequence: number, ...values: Sample["values"]): Sample {
  return { sequence: BigInt(sequence), values };
}

/** Receives a number of samples. */
export async function receiveSamples(client: Client, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (samples.length < count) {
    const messages = await client.receive();
    if (messages.length === 0) break;
    samples.push(...messages.flat());
  }
  return samples;
}

/** Receives a number of datagrams of a transport in memory, which are not used again. */
export async function receiveDatagrams(peer: DatagramTransport, count: number): Promise<Uint8Array[]> {
  const datagrams: Uint8Array[] = [];
  while (datagrams.length < count) datagrams.push(...await peer.receive());
  return datagrams;
}

/** Encodes samples as protobuf. */
export const { encode } = protobuf();

/** Replaces methods of a transport. */
export function overlay(transport: DatagramTransport, methods: Partial<DatagramTransport>): DatagramTransport {
  return new Proxy(transport, {
    get(target, key) {
      const own: unknown = Reflect.get(methods, key);
      const value: unknown = own ?? Reflect.get(target, key, target);
      return own === undefined && typeof value === "function" ? value.bind(target) : value;
    },
  });
}
