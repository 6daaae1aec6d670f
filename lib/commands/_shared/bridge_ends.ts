/**
 * Ends of a bridge in the notation of its operands, such as `udp://127.0.0.1:12000,format=json,signals=2f`.
 *
 * @module
 */

import { type EndLink, isSecret, linkSettingNames, linkSettingsOf, readLink } from "./bridge_link.ts";
import type { NamedFormat } from "./options.ts";
import { parseSpecification } from "../../formats/specification.ts";
import { fileFormatNames } from "../../recordings/file_formats.ts";
import { parseSignals, type Signal } from "../../samples/signals.ts";
import { InputError } from "../../system/input_error.ts";
import { durationOrZero } from "../../terminal/option.ts";
import { suggest } from "../../terminal/parse.ts";
import { type Address, parseAddress, type TransportName, transportNames } from "../../transports/address.ts";

/** Timing of a file that is replayed. */
const timings = ["original", "fast"] as const;

/** One end of a bridge, as a user describes it. */
export interface End {
  /** The address or the path, for messages. */
  readonly name: string;
  /** Address to receive on (the input) or to send to (an output); undefined for a file. */
  readonly address: Address | undefined;
  /** Path of a file, or `"-"`. */
  readonly path: string | undefined;
  /** Address to receive on, of an end that is sent to. */
  readonly local: Address | undefined;
  /** Address to send to, and to receive from, of an end that is received on. */
  readonly remote: Address | undefined;
  /** The format; default: `protobuf`, of a connection that of VILLASnode's type of node, of a file the one that its name ends with. */
  readonly format: NamedFormat | undefined;
  /** Signals at this end. */
  readonly signals: readonly Signal[] | "any" | undefined;
  /** Number of samples per message that is sent. */
  readonly vectorize: number | undefined;
  /** Time that a message waits to be full, in seconds. */
  readonly linger: number | undefined;
  /** Multicast group to receive. */
  readonly multicast: string | undefined;
  /** Writes to the end of a file instead of overwriting it. */
  readonly append: boolean;
  /** Timing of a file that is read. */
  readonly timing: typeof timings[number] | undefined;
  /** Settings of a connection; undefined for the other transports and for files. */
  readonly link: EndLink | undefined;
}

const duration = durationOrZero({ help: "" }, 0);

/** Reads the setting of each name; throws what says what was expected. */
const settings: Readonly<Record<string, (text: string) => unknown>> = {
  local: parseAddress,
  remote: parseAddress,
  format: (text) => {
    const format = parseSpecification(text);
    if (format.type !== "auto" && !fileFormatNames.includes(format.type)) {
      throw new SyntaxError(`there is no format ${format.type}, but auto, ${fileFormatNames.join(", ")}`);
    }
    return format;
  },
  signals: (text) => text === "any" ? text : parseSignals(text),
  vectorize: (text) => {
    const number = Number(text);
    if (!Number.isSafeInteger(number) || number < 1) throw new SyntaxError("expected a whole number, 1 or greater");
    return number;
  },
  linger: (text) => duration.parse(text),
  multicast: (text) => text,
  append: (text) => {
    if (text !== "true" && text !== "false") throw new SyntaxError("expected true or false");
    return text === "true";
  },
  timing: (text) => {
    if (!(timings as readonly string[]).includes(text)) throw new SyntaxError(`expected ${timings.join(" or ")}`);
    return text;
  },
};

/**
 * Returns the names of the settings that an end has.
 *
 * @param target The address or the path
 * @param texts The settings, of which some may say the address instead
 * @param isInFile True if a file of routes describes the end, which may hold more
 */
export function endSettings(target: string, { local = "", remote = "" }: Texts, isInFile = false): readonly string[] {
  const [address = ""] = [target, remote, local].filter((text) => text !== "");
  return [...Object.keys(settings), ...linkSettingsOf(isAddress(address) ? transportOf(address) : undefined, isInFile)];
}

/** Returns the transport of an address, as far as it can be parsed. */
function transportOf(text: string): TransportName | undefined {
  try {
    return parseAddress(text).transport;
  } catch {
    return undefined; // reported where it is parsed
  }
}

/** Settings by name, as text. */
type Texts = Readonly<Record<string, string>>;

/**
 * Parses an operand: an address or a path, then settings, each as `,name=value`. A value ends where the next setting
 * begins, so it may have commas.
 *
 * @throws {InputError} If it cannot be parsed; the message begins with the operand
 */
export async function parseEnd(operand: string): Promise<End> {
  const marks = [...operand.matchAll(/(?:^|,)([a-z][a-z0-9_-]*)=/g)];
  const target = operand.slice(0, marks[0]?.index);
  // Whoever writes a user and a password into an address is told not to, without them.
  const shown = operand.replace(/:\/\/.*@/s, "://***@");
  const texts: Record<string, string> = {};
  for (const [index, mark] of marks.entries()) {
    const name = mark[1] ?? "";
    if (isSecret(name)) {
      throw new InputError(
        `Cannot use ${name}= behind ${target}, where everybody on this machine can read it: set NAME_USER and ` +
          "NAME_PASSWORD in the environment and give credentials=NAME, or write a group in a file of routes",
      );
    }
    if (texts[name] !== undefined) throw new InputError(`Cannot use "${shown}": ${name} is given twice`);
    texts[name] = operand.slice(mark.index + mark[0].length, marks[index + 1]?.index);
  }
  const known = endSettings(target, texts);
  const unknown = Object.keys(texts).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    // A comma and an equals sign may belong to the value before, as in JSON; there is no such name in the first place.
    const nearest = linkSettingNames.includes(unknown)
      ? `this end has ${known.join(", ")}`
      : await suggest(unknown, known) || `expected ${known.join(", ")}`;
    throw new InputError(`Cannot use "${shown}": unknown setting ${unknown}: ${nearest}`);
  }
  return createEnd(target, texts, (name) => `"${shown}": ${name}`);
}

/**
 * Creates an end from the texts of its settings.
 *
 * @param target The address or the path; empty where `local` or `remote` says it
 * @param texts The settings, by name
 * @param placeOf Names the place of a setting, for messages
 * @throws {InputError} If a setting cannot be parsed
 */
export function createEnd(
  target: string,
  texts: Texts,
  placeOf: (name: string) => string,
): End {
  const read = <T>(name: string): T | undefined => {
    const text = texts[name];
    return text === undefined ? undefined : attempt(placeOf(name), () => settings[name]?.(text) as T);
  };
  const isFile = target !== "" && !isAddress(target);
  const local = read<Address>("local");
  const remote = read<Address>("remote");
  if (target === "" && local === undefined && remote === undefined) {
    throw new InputError(`Cannot use ${placeOf("address")}: expected an address or the path of a file`);
  }
  const address = target === "" || isFile ? undefined : attempt(placeOf("address"), () => parseAddress(target));
  return {
    name: target || (remote ?? local)?.text || "",
    address,
    path: isFile ? target : undefined,
    local,
    remote,
    format: read("format"),
    signals: read("signals"),
    vectorize: read("vectorize"),
    linger: read("linger"),
    multicast: read("multicast"),
    append: read("append") ?? false,
    timing: read("timing"),
    link: readLink((address ?? remote ?? local)?.transport, texts, placeOf),
  };
}

function attempt<T>(place: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new InputError(`Cannot use ${place}: ${error.message}`, { cause: error });
  }
}

/** Tells an address from the path of a file; `./unix:a` is a path. */
function isAddress(text: string): boolean {
  const scheme = /^([a-z]+):/.exec(text)?.[1] ?? "";
  return text.includes("://") || (transportNames as readonly string[]).includes(scheme) || /^[^/]*:\d+$/.test(text);
}

/** Transports that have an address at each end; the others are connections, whose one address receives and sends. */
const datagramTransports: readonly string[] = ["udp", "unix", "memory"];

/** Tells whether an address is that of a connection. */
export function isConnection({ transport }: Address): boolean {
  return !datagramTransports.includes(transport);
}
