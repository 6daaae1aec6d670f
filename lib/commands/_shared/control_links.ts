/**
 * The links of a controller on the command line: the one of the options, or those that the controller describes.
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import type { Controller, LinkDescription } from "../../controllers/controller.ts";
import { parseSpecification } from "../../formats/specification.ts";
import { type LinkSignals, parseDirections } from "../../samples/directions.ts";
import { InputError, readInput } from "../../system/input_error.ts";
import { unlessAborted } from "../../system/wait.ts";
import type { Session } from "../../terminal/command.ts";
import { parseAddress } from "../../transports/address.ts";
import { type LinkValues, openConnection } from "./connect.ts";
import type { Connection, LimitValues } from "./connection.ts";
import type { NamedFormat } from "./options.ts";
import { plantSignals } from "./plant.ts";
import { directionsOf, type SignalValues } from "./signals.ts";

/** Name of the only link, where the controller does not name any; no link can be given an empty name. */
const onlyLink = "";

/** Settings of one link. */
export interface ControlLinkSettings {
  /** Its name. */
  readonly name: string;
  /** Addresses and the like. */
  readonly values: LinkValues;
  /** Format of its datagrams. */
  readonly format: NamedFormat;
  /** Its signals, as far as they are known. */
  readonly signals: LinkSignals;
}

/** Values of the options that say where to connect. */
export interface ControlLinkValues extends LinkValues, SignalValues {
  readonly format: NamedFormat;
  readonly plant: boolean;
  readonly config?: string | undefined;
}

/** Options that are about the only link; the plant, which gives the addresses of one, comes first. */
const linkOptions = ["plant", "config", "local", "remote", "signals", "signals-in", "signals-out"] as const;

/**
 * Finds the settings of all links.
 *
 * @param values Values of the options, which take precedence over the controller where it has one link
 * @param controller The controller
 * @param file Name of its file, for messages
 * @param session The session
 * @throws {InputError} If they contradict each other, or cannot be parsed
 */
export async function findLinks(
  values: ControlLinkValues,
  { links, signals }: Controller,
  file: string,
  { nameOf }: Session,
): Promise<ControlLinkSettings[]> {
  if (links === undefined) {
    const given = directionsOf(values, nameOf);
    const own = await readInput(() => parseDirections(signals), `Cannot use the signals of ${file}`);
    const found = values.plant && signals === undefined ? { ...plantSignals, ...given } : { ...own, ...given };
    return [{ name: onlyLink, values: linkValuesOf(values), format: values.format, signals: found }];
  }
  // What the environment sets is meant for commands with one link.
  const option = linkOptions.find((name) => values[name] && !nameOf(name).includes(" "));
  if (option !== undefined) throw new InputError(`Cannot use ${nameOf(option)}: ${file} has links of its own`);
  if (Object.keys(links).length === 0 || onlyLink in links) {
    throw new InputError(`Cannot use ${file}: it has no links, or one without a name`);
  }
  return await Promise.all(
    Object.entries(links).map(([name, link]) =>
      readInput(() => describe(name, link, values), `Cannot use link ${name} of ${file}`)
    ),
  );
}

/** Picks what is about the link: the limits of a run end the controller, and not the connection under it. */
function linkValuesOf(values: LinkValues & LimitValues): LinkValues {
  const { duration: _duration, timeout: _timeout, ...link } = values;
  return link;
}

function describe(name: string, link: LinkDescription, values: ControlLinkValues): ControlLinkSettings {
  const { local, remote, format, signals } = link;
  if (local === undefined || remote === undefined) throw new TypeError("it needs a local and a remote address");
  return {
    name,
    // Options such as --no-batch are those of every link.
    values: { ...linkValuesOf(values), local: parseAddress(local), remote: parseAddress(remote) },
    format: format === undefined ? { type: "protobuf" } : parseSpecification(format),
    signals: parseDirections(signals),
  };
}

/** The connections of all links. */
export class ControlConnections implements AsyncDisposable {
  /** The connection of each link. */
  readonly byName = new Map<string, Connection>();

  /**
   * Opens all links. An interrupt closes none of them: the controller ends first, and with safe values.
   *
   * @throws As {@linkcode openConnection}; those that are open are closed then
   */
  static async open(links: readonly ControlLinkSettings[], session: Session): Promise<ControlConnections> {
    const connections = new ControlConnections();
    const patient = { ...session, ended: new AbortController().signal };
    try {
      for (const { name, values, format, signals } of links) {
        const settings = { values, format, signals, awaitsDatagrams: true };
        const connection = await openConnection(settings, patient);
        connections.byName.set(name, connection);
        await unlessAborted(connection.waitForRemote(session.log), session.ended);
      }
    } catch (error) {
      await connections[Symbol.asyncDispose]();
      throw error;
    }
    return connections;
  }

  /** The clients as the loop takes them: the only one, or one for each name. */
  get clients(): Client | Record<string, Client> {
    const clients = Object.fromEntries([...this.byName].map(([name, { client }]) => [name, client]));
    return clients[onlyLink] ?? clients;
  }

  /** The client of the only link; undefined where there are several. */
  get single(): Client | undefined {
    return this.byName.size === 1 ? [...this.byName.values()][0]?.client : undefined;
  }

  /** Writes what throttled logs have held back. */
  flushLogs(): void {
    for (const connection of this.byName.values()) connection.flushLogs();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.byName.values()) await connection[Symbol.asyncDispose]();
  }
}
