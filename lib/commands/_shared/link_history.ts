/**
 * The samples of a link as a source of the scope, with the names that the other end gives its signals.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Sample } from "../../samples/sample.ts";
import type { Signal } from "../../samples/signals.ts";
import { SampleHistory } from "../../scope/history.ts";
import type { ScopeSource } from "../../scope/source.ts";

/** The samples of a link. */
export class LinkHistory implements ScopeSource {
  readonly name: string;
  readonly isLive = true;
  readonly #client: Client;
  readonly #memory: number;
  readonly #given: readonly Signal[] | undefined;
  /** The signals as the other end has described them last. */
  #described: readonly Signal[] | undefined;
  #history: SampleHistory;

  /**
   * Creates the source.
   *
   * @param client The client of the link
   * @param memory The most bytes that the samples may take
   * @param signals The signals, if the user has given them; else what the other end says of them counts, as a PMU does
   */
  constructor(client: Client, memory: number, signals: readonly Signal[] | undefined) {
    this.name = client.local;
    this.#client = client;
    this.#memory = memory;
    this.#given = signals;
    this.#history = new SampleHistory({ memory, signals });
  }

  /** The samples; it begins anew when the other end describes other signals. */
  get history(): SampleHistory {
    return this.#history;
  }

  /** Adds samples that have come. */
  push(samples: readonly Sample[]): void {
    if (this.#given === undefined) this.#followDescription(this.#client.format.signals);
    this.#history.push(samples);
  }

  #followDescription(signals: readonly Signal[] | undefined): void {
    if (signals === undefined || signals === this.#described) return;
    // The same ones may be described again.
    const isNew = JSON.stringify(signals) !== JSON.stringify(this.#described);
    this.#described = signals;
    if (isNew) this.#history = new SampleHistory({ memory: this.#memory, signals });
  }
}
