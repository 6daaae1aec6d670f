/**
 * A controller's client and the node that it faces, in memory.
 *
 * @module
 */

import { type Client, connect, type ConnectOptions, type Value } from "@villas/client";

/** Time after which a sample is not waited for any longer, in seconds. */
const patience = 60;

let pairs = 0;

/** Both ends of a link. */
export interface Pair extends AsyncDisposable {
  /** The controller's end. */
  readonly client: Client;
  /** The node's end. */
  readonly node: Client;
  /** Waits for a number of samples from the controller. */
  expect(count: number): Promise<{ sequence: bigint | undefined; values: Value[] }[]>;
  /** Returns all that has come from the controller when both ends are closed. */
  rest(): Promise<{ sequence: bigint | undefined; values: Value[] }[]>;
}

/** Opens a link in memory. */
export async function openPair(signals: NonNullable<ConnectOptions["signals"]> = "any"): Promise<Pair> {
  const name = `controllers${pairs++}`;
  const node = await connect({ local: `memory:${name}n`, remote: `memory:${name}c`, signals: "any" });
  const client = await connect({
    local: `memory:${name}c`,
    remote: `memory:${name}n`,
    signals,
  });
  const receive = async () =>
    (await node.receive({ timeout: patience })).flat().map(({ sequence, values }) => ({ sequence, values }));
  const expect = async (count: number) => {
    const found = [];
    while (found.length < count) {
      const more = await receive();
      if (more.length === 0) break;
      found.push(...more);
    }
    return found;
  };
  return {
    client,
    node,
    expect,
    rest() {
      // What has been delivered is there still.
      setTimeout(() => node.close(), 1);
      return expect(Infinity);
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await node[Symbol.asyncDispose]();
    },
  };
}
