/**
 * The plant of the demonstration, alone or in the process of a controller.
 *
 * @module
 */

import { connect } from "../../client/connect.ts";
import type { Signal } from "../../samples/signals.ts";
import { sleep } from "../../system/wait.ts";
import type { DatagramTransport } from "../../transports/transport.ts";
import { openUdp } from "../../transports/udp.ts";
import { type PlantReport, runPlant } from "../../villasnode/demo_plant.ts";

const named = (name: string): Signal => ({ name, type: "float" });

/** Signals of the plant, as its controller sees them. */
export const plantSignals: { readonly in: readonly Signal[]; readonly out: readonly Signal[] } = {
  in: [named("setpoint"), named("measured")],
  out: [named("actuation")],
};

/** Samples per second of a plant. */
const plantRate = 100;

/** Time for the last answer to arrive, in milliseconds. */
const answerMs = 10;

/** A plant on a free port of this machine. */
export class LocalPlant implements Disposable {
  readonly #transport: DatagramTransport;
  readonly #ended = new AbortController();
  #running: Promise<PlantReport> | undefined;

  private constructor(transport: DatagramTransport) {
    this.#transport = transport;
  }

  /** Opens the port. */
  static async open(): Promise<LocalPlant> {
    return new LocalPlant(await openUdp({ local: "udp://127.0.0.1:0" }));
  }

  /** The address that its controller sends to. */
  get address(): string {
    return this.#transport.local;
  }

  /** Starts it, facing a controller that receives at an address. */
  async start(controller: string): Promise<void> {
    await this.#transport.setRemote(controller);
    const node = await connect({ transport: this.#transport, signals: { in: "f", out: "2f" } });
    this.#running = runPlant(node, { rate: plantRate, signal: this.#ended.signal });
  }

  /** Ends it; undefined where it was not started. */
  async finish(): Promise<PlantReport | undefined> {
    // The last answer is on its way.
    await sleep(answerMs);
    this.#ended.abort();
    return await this.#running;
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    this.#transport.close();
  }
}

/** Describes what a plant has seen of its controller. */
export function describePlant({ sent, received, refused, error }: PlantReport): string[] {
  const lines = [`The plant sent ${sent} samples and received ${received}${refused > 0 ? `, refused ${refused}` : ""}`];
  if (received === 0) lines.push("No controller answered: is it running, and does it send to the plant's address?");
  else if (Number.isNaN(error)) lines.push("It did not run long enough to tell how well it was controlled");
  else {
    lines.push(`In the last second of each step, the measured value was off the setpoint by ${error.toFixed(3)} (RMS)`);
  }
  return lines;
}
