/**
 * Faults of a controller: counted by kind, and each said once.
 *
 * @module
 */

/**
 * Kind of a fault: the controller threw an `"exception"`; an output has a `"value"` that is not finite, the wrong `"length"`
 * or the wrong `"type"`; a step ended after its `"deadline"`; one was due while the one before was still going on, an
 * `"overlap"`; the output was `"refused"` because the format cannot carry it or the node would not survive it; or no sample
 * came for the time of the controller's watchdog, a `"silence"`.
 */
export type FaultKind =
  | "exception"
  | "value"
  | "length"
  | "type"
  | "deadline"
  | "overlap"
  | "refused"
  | "silence";

/** A fault of a controller. */
export interface ControlFault {
  /** Its kind. */
  readonly kind: FaultKind;
  /** What happened, as a sentence without its place in the controller. */
  readonly message: string;
  /** The exception, where there was one: its stack says the place. */
  readonly error?: unknown;
  /** True where safe values went out instead of the output. */
  readonly isSafeSent: boolean;
}

/**
 * A controller has failed, and was to be ended by any fault.
 *
 * @example A controller that divides by nothing
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { connect, control } from "@villas/client";
 * import { ControlError } from "@villas/client/controllers";
 *
 * await using node = await connect({ local: "memory:strict-node", remote: "memory:strict" });
 * await using client = await connect({ local: "memory:strict", remote: "memory:strict-node" });
 * await node.send({ values: [0] });
 * const controlling = control(client, ([measured = 0]) => [1 / measured], { strict: true });
 * const { fault } = await assertRejects(() => controlling, ControlError);
 * assertEquals([fault.kind, fault.message], ["value", "Value 0 is Infinity"]);
 * ```
 */
export class ControlError extends Error {
  /** `"ControlError"` */
  override name = "ControlError";
  /** The fault. */
  readonly fault: ControlFault;

  /**
   * Creates the error.
   *
   * @param fault The fault
   */
  constructor(fault: ControlFault) {
    super(fault.message, fault.error === undefined ? {} : { cause: fault.error });
    this.fault = fault;
  }
}

/** An output that cannot be sent. */
export class OutputError extends Error {
  /** Kind of the fault that it is. */
  readonly kind: FaultKind;

  /** Creates the error. */
  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }

  /** Makes an error of what was thrown while an output was read, such as by a getter of the controller. */
  static from(thrown: unknown): OutputError {
    if (thrown instanceof OutputError) return thrown;
    return new OutputError("exception", describeException(thrown), { cause: thrown });
  }
}

/** Describes what a controller has thrown. */
export function describeException(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `Uncaught ${String(thrown)}`;
}

/** Counts faults, and tells which of them are new. */
export class FaultLog {
  /** Number of faults by kind. */
  readonly counts: Record<FaultKind, number> = {
    exception: 0,
    value: 0,
    length: 0,
    type: 0,
    deadline: 0,
    overlap: 0,
    refused: 0,
    silence: 0,
  };
  readonly #said = new Set<string>();

  /** Counts a fault; returns whether it is the first one of its kind and text. */
  add(kind: FaultKind, text: string): boolean {
    this.counts[kind]++;
    // Numbers differ from fault to fault of the same cause.
    const key = `${kind} ${text.replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, "0")}`;
    // A controller that makes up a new message each time must not fill the memory.
    if (this.#said.has(key) || this.#said.size >= 100) return false;
    this.#said.add(key);
    return true;
  }

  /** Forgets what was said: the controller is another one. */
  reset(): void {
    this.#said.clear();
  }
}
