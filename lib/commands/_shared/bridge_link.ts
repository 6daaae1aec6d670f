/**
 * Settings of the ends of a bridge that are connections: options of their transports, certificates and credentials. Each end
 * has its own, which stand behind its address.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import type { Address, TransportName } from "../../transports/address.ts";
import { amqpOptionNames, type AmqpOptions, checkAmqpOptions } from "../../transports/amqp/options.ts";
import type { WhenDown } from "../../transports/link/connection.ts";
import type { Credentials } from "../../transports/link/options.ts";
import { checkMqttOptions, mqttOptionNames, type MqttOptions } from "../../transports/mqtt/options.ts";
import { parseSetting } from "./broker_options.ts";
import { credentialsPrefix, readCredentials } from "./connect.ts";
import { whenDownChoices } from "./options.ts";
import type { TlsFile, TlsOption } from "./tls_files.ts";

/** Settings of an end that is a connection. */
export interface EndLink {
  /** Options of MQTT. */
  readonly mqtt?: MqttOptions;
  /** Options of AMQP. */
  readonly amqp?: AmqpOptions;
  /** Options of the format of a stream of synchrophasors. */
  readonly frames?: Readonly<Record<string, string | number | boolean>>;
  /** Files of certificates. */
  readonly tlsFiles: readonly TlsFile[];
  /** What becomes of samples while the connection is down. */
  readonly whenDown?: WhenDown;
  /** True to connect without asking the other end's API first. */
  readonly isUnchecked: boolean;
  /** Credentials that a file of routes holds. */
  readonly credentials?: Credentials;
  /** Beginning of the names of environment variables with the credentials, or `"none"`. */
  readonly variables?: string;
}

/** Settings by name, as text. */
type Texts = Readonly<Record<string, string>>;

/** Settings that all connections have. */
const commonNames: readonly string[] = ["when-down", "credentials"];

/** Settings of connections that may be encrypted. */
const tlsNames: readonly string[] = ["tls-ca"];
const certificateNames: readonly string[] = ["tls-cert", "tls-key"];

/** Options of the format `c37.118` that are a matter of the connection. */
const frameNames: readonly string[] = ["version", "configuration", "names", "stat_signals"];

/** Settings on the command line, by transport. */
const names: Readonly<Partial<Record<TransportName, readonly string[]>>> = {
  ws: [...commonNames, ...tlsNames, ...certificateNames, "no-check"],
  mqtt: [...mqttOptionNames, ...commonNames, ...tlsNames, ...certificateNames],
  amqp: [...amqpOptionNames, ...commonNames, ...tlsNames, ...certificateNames],
  "c37.118": [...frameNames, "when-down"],
};

/** Settings that everybody on a machine could read in a command line. */
const secretNames: readonly string[] = ["username", "password", "token"];

/** Settings that only a file of routes has, by transport: secrets, and certificates in VILLASnode's words. */
const fileNames: Readonly<Partial<Record<TransportName, readonly string[]>>> = {
  ws: [...secretNames, "ssl"],
  mqtt: ["username", "password", "ssl"],
  amqp: ["username", "password", "ssl"],
};

/** All of these names. */
export const linkSettingNames: readonly string[] = [
  ...new Set([names, fileNames].flatMap((table) => Object.values(table).flat())),
];

/** Names of the settings that a connection of a transport has; none where it makes no connections. */
export function linkSettingsOf(transport: TransportName | undefined, isInFile: boolean): readonly string[] {
  if (transport === undefined) return [];
  return [...names[transport] ?? [], ...isInFile ? fileNames[transport] ?? [] : []];
}

/**
 * Returns whether a setting is a secret.
 *
 * @param name Name of the setting
 */
export function isSecret(name: string): boolean {
  return secretNames.includes(name);
}

/**
 * Reads the settings of an end that is a connection.
 *
 * @param transport The transport
 * @param texts All settings of the end, by name
 * @param placeOf Names the place of a setting, for messages
 * @returns The settings; undefined for a transport that makes no connections
 * @throws {InputError} If a setting has no such value
 */
export function readLink(
  transport: TransportName | undefined,
  texts: Texts,
  placeOf: (name: string) => string,
): EndLink | undefined {
  if (transport === undefined || names[transport] === undefined) return undefined;
  const mqtt = transport === "mqtt"
    ? readOptions<MqttOptions>(mqttOptionNames, texts, placeOf, checkMqttOptions)
    : undefined;
  const amqp = transport === "amqp"
    ? readOptions<AmqpOptions>(amqpOptionNames, texts, placeOf, checkAmqpOptions)
    : undefined;
  const frames = transport === "c37.118"
    ? readOptions<NonNullable<EndLink["frames"]>>(frameNames, texts, placeOf)
    : undefined;
  const whenDown = whenDownChoices.find((choice) => choice === texts["when-down"]);
  if (whenDown === undefined && texts["when-down"] !== undefined) {
    throw new InputError(`Cannot use ${placeOf("when-down")}: expected ${whenDownChoices.join(", ")}`);
  }
  const { username: user, password, token, credentials: variables } = texts;
  if (variables !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(variables)) {
    throw new InputError(
      `Cannot use ${
        placeOf("credentials")
      }: expected the beginning of names of environment variables, such as LAB for ` +
        "LAB_USER, LAB_PASSWORD and LAB_TOKEN; or none",
    );
  }
  return {
    ...mqtt && { mqtt },
    ...amqp && { amqp },
    ...frames && { frames },
    tlsFiles: readTlsFiles(texts, placeOf),
    ...whenDown && { whenDown },
    isUnchecked: readSwitch("no-check", texts, placeOf),
    ...(user ?? password ?? token) !== undefined && { credentials: { user, password, token } },
    ...variables !== undefined && { variables },
  };
}

/**
 * Reads options of a transport; undefined where none is given.
 *
 * @param known Names of the options
 * @param check Throws a `TypeError` for options that contradict each other or cannot have these values
 */
function readOptions<T extends object>(
  known: readonly string[],
  texts: Texts,
  placeOf: (name: string) => string,
  check: (options: T) => void = () => {},
): T | undefined {
  const given = known.filter((name) => texts[name] !== undefined);
  if (given.length === 0) return undefined;
  // The check looks at their types; the format checks those of frames.
  const options = Object.fromEntries(given.map((name) => [name, parseSetting(name, texts[name] ?? "")])) as T;
  try {
    check(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const { message } = error;
    const name = given.find((name) => message.includes(` ${name} `)) ?? given[0] ?? "";
    throw new InputError(`Cannot use ${placeOf(name)}: ${message}`, { cause: error });
  }
  return options;
}

function readSwitch(name: string, texts: Texts, placeOf: (name: string) => string): boolean {
  const { [name]: text = "false" } = texts;
  if (text !== "true" && text !== "false") throw new InputError(`Cannot use ${placeOf(name)}: expected true or false`);
  return text === "true";
}

/** The settings for the files, by their names in the group `ssl` of VILLASnode's node types `mqtt` and `amqp`. */
const sslFiles: Readonly<Record<string, TlsOption>> = {
  ...{ cafile: "tls-ca", certfile: "tls-cert", keyfile: "tls-key" },
  ...{ ca_cert: "tls-ca", client_cert: "tls-cert", client_key: "tls-key" },
};

/** Checks of certificates in that group, and the only value that they can have here. */
const sslChecks: Readonly<Record<string, boolean>> = {
  ...{ enabled: true, verify: true, verify_peer: true, verify_hostname: true, insecure: false },
};

function readTlsFiles(texts: Texts, placeOf: (name: string) => string): TlsFile[] {
  const files = (["tls-ca", "tls-cert", "tls-key"] as const).flatMap((option): TlsFile[] => {
    const path = texts[option];
    return path === undefined ? [] : [{ label: `${option}=`, option, path }];
  });
  if (texts.ssl === undefined) return files;
  const fail = (name: string, why: string): never => {
    throw new InputError(`Cannot use ${placeOf("ssl")}.${name}: ${why}`);
  };
  const ssl: unknown = texts.ssl.startsWith("{") ? JSON.parse(texts.ssl) : undefined;
  if (typeof ssl !== "object" || ssl === null) {
    throw new InputError(`Cannot use ${placeOf("ssl")}: expected a group`);
  }
  for (const [name, value] of Object.entries(ssl)) {
    const required = sslChecks[name];
    if (required !== undefined) {
      if (value !== required) fail(name, `only ${required} is possible: certificates are always checked`);
      continue;
    }
    const setting = sslFiles[name];
    if (setting === undefined) return fail(name, `expected ${Object.keys(sslFiles).join(", ")}`);
    if (typeof value !== "string") return fail(name, "expected the path of a file");
    files.push({ label: `ssl.${name}`, option: setting, path: value });
  }
  return files;
}

/** An end, as far as its credentials are concerned. */
interface Asking {
  readonly name: string;
  readonly address: Address | undefined;
  readonly local: Address | undefined;
  readonly remote: Address | undefined;
  readonly link: EndLink | undefined;
}

/**
 * Returns the credentials of an end: its own, or those of the environment.
 *
 * @throws {InputError} If the variables that it names are not set
 */
export function credentialsOf(end: Asking): Credentials | undefined {
  const { link } = end;
  if (link?.credentials !== undefined) return link.credentials;
  if (serverOf(end) === undefined || link?.variables === "none") return undefined;
  const { variables } = link ?? {};
  const found = readCredentials(variables);
  if (found === undefined && variables !== undefined) {
    throw new InputError(
      `Cannot use credentials=${variables} of ${end.name}: none of ${variables}_USER, ${variables}_PASSWORD and ` +
        `${variables}_TOKEN is set`,
    );
  }
  return found;
}

/**
 * Checks that credentials of the environment go to one server only: another one is not to learn them.
 *
 * @throws {InputError} If ends at several servers have no credentials of their own
 */
export function checkCredentials(ends: readonly Asking[]): void {
  const asking = ends.filter(({ link }) => link?.credentials === undefined && link?.variables === undefined)
    .flatMap((end) => {
      const server = serverOf(end);
      return server === undefined ? [] : [{ name: end.name, server }];
    });
  const [first] = asking;
  const other = asking.find(({ server }) => server !== first?.server);
  if (first === undefined || other === undefined || readCredentials() === undefined) return;
  throw new InputError(
    `Cannot tell whether ${credentialsPrefix}_USER, ${credentialsPrefix}_PASSWORD and ${credentialsPrefix}_TOKEN are for ` +
      `${first.name} or ${other.name}: give each credentials=NAME, for the variables NAME_USER, NAME_PASSWORD and ` +
      "NAME_TOKEN, or credentials=none",
  );
}

/** Returns the server that an end connects to and may show credentials to. */
function serverOf({ address, local, remote }: Asking): string | undefined {
  const target = remote ?? address ?? local;
  if (target === undefined || !["ws", "mqtt", "amqp"].includes(target.transport)) return undefined;
  // A server of WebSockets shows none.
  if (target.transport === "ws" && target === local) return undefined;
  return `${target.host}:${target.port}`;
}
