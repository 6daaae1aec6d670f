/**
 * The links of a controller: one, or several with names.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import type { ControlOptions } from "./control_options.ts";
import type { Controller } from "./controller.ts";
import { OutputError } from "./faults.ts";
import { ControlLink } from "./_link.ts";
import { parseDirections } from "../samples/directions.ts";
import type { Sample } from "../samples/sample.ts";

/** Name of the only link. */
const onlyLink = "node";

/** All links of a controller. */
export class ControlLinks {
  readonly list: readonly ControlLink[];
  /** True where the outputs are given by link. */
  readonly isMultiple: boolean;
  /** The link that the newest sample came from. */
  newest: ControlLink | undefined;

  /**
   * Creates the links.
   *
   * @param link The client, or the client of each link
   * @param controller The controller, whose signals say the names
   * @param options What to keep
   */
  constructor(
    link: Client | Readonly<Record<string, Client>>,
    controller: Pick<Controller, "links" | "signals">,
    { onStep, sequences }: ControlOptions,
  ) {
    const clients: Readonly<Record<string, Client>> = isClient(link) ? { [onlyLink]: link } : link;
    this.isMultiple = !isClient(link);
    this.list = Object.entries(clients).map(([name, client], index) => {
      const signals = this.isMultiple ? controller.links?.[name]?.signals : controller.signals;
      return new ControlLink(name, client, parseDirections(signals), {
        keepsSent: onStep !== undefined,
        index,
        sequences,
      });
    });
  }

  /** True if no link has signals to receive, so that no sample needs to come. */
  get areWithoutInputs(): boolean {
    return this.list.every(({ isWithoutInputs }) => isWithoutInputs);
  }

  /** The counters of all links together. */
  get totals(): { received: number; outputs: number; safeOutputs: number; limited: number } {
    const sum = (count: (link: ControlLink) => number) => this.list.reduce((sum, link) => sum + count(link), 0);
    return {
      received: sum(({ received }) => received),
      outputs: sum(({ outputs }) => outputs),
      safeOutputs: sum(({ safeOutputs }) => safeOutputs),
      limited: sum(({ limited }) => limited),
    };
  }

  /** Takes the limits and safe values of a controller; throws a `TypeError` if they do not fit the signals. */
  configure(controller: Controller<never, never>): void {
    const names = this.list.map(({ name }) => name);
    for (const part of ["safe", "limits"] as const) {
      const given = this.isMultiple ? Object.keys(controller[part] ?? {}) : [];
      const unknown = given.find((name) => !names.includes(name));
      if (unknown !== undefined) {
        throw new TypeError(`its ${part} has "${unknown}", and there is no such link: expected ${names.join(", ")}`);
      }
    }
    // All or none: a reload may fail.
    const changes = this.list.map((link) => link.prepareConfiguration(controller, !this.isMultiple));
    for (const change of changes) change();
  }

  /**
   * Prepares the output of a step; with several links, those of all or none.
   *
   * @param answered The sample that it answers; undefined at a fixed rate
   * @param time The time, in milliseconds of `performance.now()`
   * @throws {OutputError} If it cannot be sent
   */
  prepare(output: unknown, answered: Sample | undefined, time: number): void {
    if (this.isMultiple) {
      this.#prepareAll(output, answered, time);
      return;
    }
    for (const link of this.list) {
      const values = link.check(output, time);
      if (values !== undefined) link.prepare(values, answered, time);
    }
  }

  /** Prepares the safe values; returns whether there are any. */
  prepareSafe(answered: Sample | undefined): boolean {
    let isAny = false;
    for (const link of this.list) isAny = link.prepareSafe(link === this.newest ? answered : undefined) || isAny;
    return isAny;
  }

  /** Sends what is prepared; returns a promise only where that takes time. */
  flush(): Promise<unknown> | undefined {
    const [first] = this.list;
    if (!this.isMultiple) return first?.isPrepared ? first.flush() : undefined;
    const prepared = this.list.filter(({ isPrepared }) => isPrepared);
    const sending = prepared.map((link) => link.flush()).filter((sending) => sending !== undefined);
    return sending.length > 0 ? Promise.all(sending) : undefined;
  }

  /** Closes all clients. */
  close(): void {
    for (const { client } of this.list) client.close();
  }

  #prepareAll(output: unknown, answered: Sample | undefined, time: number): void {
    if (output === undefined || output === null) return;
    const names = this.list.map(({ name }) => name);
    const isByName = typeof output === "object" && !Array.isArray(output);
    const unknown = isByName ? Object.keys(output).find((name) => !names.includes(name)) : undefined;
    if (!isByName || unknown !== undefined) {
      const found = unknown === undefined ? "The output is not an object" : `The output has "${unknown}"`;
      throw new OutputError("type", `${found}: expected outputs by the names of the links: ${names.join(", ")}`);
    }
    const checked = this.list.flatMap((link) => {
      const values = checkOf(link, output as Readonly<Record<string, unknown>>, time);
      return values === undefined ? [] : [{ link, values }];
    });
    for (const { link, values } of checked) {
      // Only the link that the step answers goes by the number of its sample.
      link.prepare(values, link === this.newest ? answered : undefined, time);
    }
  }
}

/** Checks the output of a link among those of all, and names the link where it is wrong. */
function checkOf(link: ControlLink, outputs: Readonly<Record<string, unknown>>, time: number) {
  try {
    return link.check(outputs[link.name], time);
  } catch (error) {
    const { kind, message, cause } = OutputError.from(error);
    throw new OutputError(kind, `${message}, for link ${link.name}`, { cause });
  }
}

function isClient(link: Client | Readonly<Record<string, Client>>): link is Client {
  return "receive" in link && typeof link.receive === "function";
}
