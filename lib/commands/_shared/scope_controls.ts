/**
 * The controls of `scope`: checked before anything is sent, and wired to the client.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { LinkSignals } from "../../samples/directions.ts";
import type { Value } from "../../samples/sample.ts";
import { ControlDesk } from "../../scope/controls.ts";
import type { Control } from "../../scope/protocol.ts";
import { checkUnsent } from "./signal_checks.ts";

/** Values of the options of controls. */
export interface ControlValues {
  /** The controls. */
  readonly controls?: readonly Control[] | undefined;
  /** Samples per second. */
  readonly rate?: number | undefined;
}

/**
 * Rejects controls whose values the node would not survive.
 *
 * @param format Name of the format of the datagrams
 * @param controls The controls
 * @param signals Signals of the link
 * @throws {Error} If they do not fit; the message names the option that would let them pass
 */
export function checkUnsentControls(format: string, controls: readonly Control[], signals: LinkSignals): void {
  const valueOf = ({ type, value }: Control): Value =>
    type === "boolean" ? value !== 0 : type === "integer" ? BigInt(value) : value;
  checkUnsent(format, controls.map(valueOf), signals);
}

/** Creates the desk with the controls; undefined without any. */
export function createDesk({ controls, rate }: ControlValues, client: Client): ControlDesk | undefined {
  return controls && new ControlDesk(controls, (sample) => client.send(sample), rate);
}
