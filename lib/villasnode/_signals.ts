/**
 * Finds the signals of the samples that come from a node, in VILLASnode's configuration.
 *
 * @module
 */

import { asGroup, type ConfigGroup, type ConfigValue } from "./libconfig.ts";
import { parseSignals, type Signal } from "../samples/signals.ts";

/** Signals that a configuration gives, or the reason why it does not, as the end of a sentence. */
export type FoundSignals = { readonly signals: readonly Signal[] } | { readonly reason: string };

/** VILLASnode's default for signals: 64 floats (`lib/node_direction.cpp`). */
const defaultSignals = "64f";

/** More signals than any datagram can carry. */
const maximumSignals = 65_536;

/** Types of nodes that bring signals of their own (`PROVIDES_SIGNALS` in VILLASnode's `lib/nodes`), but `signal`. */
const typesWithOwnSignals: readonly unknown[] = ["c37.118", "opal.async", "stats", "temper"];

/** Names of the waveforms, in the order in which `mixed` takes them (`lib/nodes/signal.cpp`). */
const waveforms = ["random", "sine", "square", "triangle", "ramp", "counter", "constant", "pulse"];

/**
 * Hooks that do not change the number, names, units and types of signals. The other hooks of VILLASnode 1.2 are average,
 * cast, dp, ip-dft-pmu, lua, pmu, pmu_dft and power (`lib/hooks`).
 */
const neutralHooks: readonly unknown[] = [
  ...["decimate", "digest", "drop", "dump", "ebm", "fix", "frame", "gate", "jitter_calc", "limit_rate", "limit_value"],
  ...["ma", "pps_ts", "print", "reorder_ts", "restart", "rms", "round", "scale", "shift_seq", "shift_ts", "skip_first"],
  ...["stats", "ts"],
];

/**
 * Reads the signals that a node takes, in one of VILLASnode's three notations: `"64f"`, a list, or `{ count, type, name }`.
 * As in VILLASnode, the setting of the node is the default of its direction's.
 *
 * @throws {TypeError | SyntaxError} If they cannot be read
 */
export function readInputSignals(node: ConfigGroup): Signal[] {
  const value = asGroup(node.in, "in").signals ?? node.signals ?? defaultSignals;
  if (typeof value === "string" || Array.isArray(value)) return parseSignals(value);
  const { count, ...signal } = asGroup(value, "signals");
  return parseSignals(Array.from({ length: asCount(count, value) }, () => signal));
}

/**
 * Finds the signals of the samples that a path gets from a node.
 *
 * @param name Name of the node
 * @param node Its settings
 */
export function findSignalsFromNode(name: string, node: ConfigGroup): FoundSignals {
  if (node.enabled === false) return { reason: `node "${name}" is disabled` };
  if (typesWithOwnSignals.includes(node.type)) {
    return { reason: `node "${name}" of type ${node.type} brings signals of its own` };
  }
  try {
    const hook = findChangingHook(asGroup(node.in, "in").hooks ?? node.hooks);
    if (hook !== undefined) return { reason: `hook "${hook}" of node "${name}" changes them` };
    return { signals: readSourceSignals(node) };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    return { reason: `those of node "${name}" cannot be read (${error.message})` };
  }
}

/**
 * Finds the first hook that changes number, names or types of signals.
 *
 * @param hooks The setting `hooks`: names, or groups with a `type`
 * @returns The name of the hook, or undefined where none changes them
 */
export function findChangingHook(hooks: ConfigValue | undefined): string | undefined {
  if (!Array.isArray(hooks)) return undefined;
  for (const hook of hooks) {
    const { type, enabled } = typeof hook === "string" ? { type: hook } : asGroup(hook, "a hook");
    if (enabled !== false && !neutralHooks.includes(type)) return String(type);
  }
  return undefined;
}

function readSourceSignals(node: ConfigGroup): Signal[] {
  switch (node.type) {
    case "signal":
      return generatedSignals(node);
    case "signal.v2":
      return namedByWaveform(asGroup(node.in, "in").signals);
    case "test_rtt":
      return parseSignals(`${largestCase(node)}f`);
    default:
      return readInputSignals(node);
  }
}

/** Returns the signals of the legacy generator, which names each after its waveform (`lib/nodes/signal_v1.cpp`). */
function generatedSignals({ signal, values = 1 }: ConfigGroup): Signal[] {
  const mixedCount = waveforms.length - 1; // without pulse
  if (Array.isArray(signal) && signal.length !== values) throw new TypeError("signal and values differ in number");
  return Array.from({ length: asCount(values, values) }, (_, index) => {
    const name = Array.isArray(signal) ? signal[index] : signal === "mixed" ? waveforms[index % mixedCount] : signal;
    return { name: String(name), type: "float" };
  });
}

/**
 * Returns the signals of the generator, which makes floats, whatever its list says, and names a signal after its waveform
 * where its name begins with "signal" (`lib/nodes/signal.cpp`).
 */
function namedByWaveform(value: ConfigValue | undefined): Signal[] {
  if (!Array.isArray(value)) throw new TypeError("in.signals is not a list");
  let mixed = 0;
  return parseSignals(value).map((signal, index) => {
    const { signal: waveform } = asGroup(value[index], "a signal");
    const made = waveform === "mixed" ? waveforms[mixed++ % waveforms.length] : String(waveform);
    const named = signal.name?.startsWith("signal") && made !== undefined ? { ...signal, name: made } : signal;
    return { ...named, type: "float" };
  });
}

/** Returns the largest number of values that a node of type `test_rtt` sends (`lib/nodes/test_rtt.cpp`). */
function largestCase({ cases, values }: ConfigGroup): number {
  if (!Array.isArray(cases)) throw new TypeError("cases is not a list");
  const counts = cases.flatMap((entry) => asGroup(entry, "a case").values ?? values ?? 0);
  return Math.max(0, ...counts.map((count) => asCount(count, count)));
}

function asCount(count: ConfigValue | undefined, value: ConfigValue): number {
  if (typeof count === "number" && Number.isInteger(count) && count >= 0 && count <= maximumSignals) return count;
  throw new TypeError(
    `Cannot read ${JSON.stringify(value)} as signals: the count is not a whole number up to ${maximumSignals}`,
  );
}
