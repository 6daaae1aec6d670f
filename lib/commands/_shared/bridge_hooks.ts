/**
 * Hooks of a bridge's routes, in the words of VILLASnode's configuration.
 *
 * @module
 */

import type { ConfigPlaces } from "./config_places.ts";
import type { CastStep, LimitRateStep, ShapeStep, SignalReference } from "../../client/shape.ts";
import type { SignalType } from "../../samples/signals.ts";
import { suggest } from "../../terminal/parse.ts";
import type { ConfigGroup, ConfigValue } from "../../villasnode/libconfig.ts";

/** Settings of each hook that a bridge has. */
const hookKeys: Readonly<Record<string, readonly string[]>> = {
  select: ["signal", "signals"],
  scale: ["signal", "signals", "scale", "offset"],
  cast: ["signal", "signals", "new_type", "new_name", "new_unit"],
  decimate: ["ratio", "renumber"],
  limit_rate: ["rate", "mode"],
};

const hookNames = Object.keys(hookKeys).join(", ");

/** Types of signals. */
const signalTypes: readonly string[] = ["float", "integer", "boolean", "complex"] satisfies SignalType[];

/** Clocks of the hook `limit_rate`. */
const clocks = ["local", "origin", "received"] as const satisfies LimitRateStep["mode"][];

/**
 * Reads the hooks of a route; those that are not enabled are left out.
 *
 * @param hooks One hook, or a list of them
 * @param place Place of the setting in the file
 * @param places Checks of the file
 * @throws {InputError} If there is no such hook, or a setting of one is wrong
 */
export async function readHooks(hooks: ConfigValue, place: string, places: ConfigPlaces): Promise<ShapeStep[]> {
  const steps: ShapeStep[] = [];
  for (const [index, hook] of (Array.isArray(hooks) ? hooks : [hooks]).entries()) {
    const hookPlace = `${place}[${index}]`;
    const step = await readHook(places.group(hook, hookPlace), hookPlace, places);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

async function readHook(hook: ConfigGroup, place: string, places: ConfigPlaces): Promise<ShapeStep | undefined> {
  const { type, enabled, priority: _, ...settings } = hook;
  const keys = hookKeys[String(type)];
  if (keys === undefined) {
    const nearest = await suggest(String(type), Object.keys(hookKeys));
    return places.fail(`${place}.type`, `"${type}" is not a hook of a bridge: ${nearest || `there are ${hookNames}`}`);
  }
  await places.checkKeys(settings, keys, place, ["type", "enabled", "priority"]);
  if (!places.boolean(enabled, true, `${place}.enabled`)) return undefined;
  const signals = readSignals(settings, place, places);
  if (keys.includes("signals") && signals.length === 0) places.fail(place, "it has no signals");
  switch (type) {
    case "select":
      return { type, signals };
    case "scale":
      return {
        type,
        signals,
        scale: places.number(settings.scale ?? 1, `${place}.scale`),
        offset: places.number(settings.offset ?? 0, `${place}.offset`),
      };
    case "cast":
      return readCast(settings, signals, place, places);
    case "decimate": {
      const ratio = places.count(settings.ratio, `${place}.ratio`);
      return { type, ratio, renumber: places.boolean(settings.renumber, false, `${place}.renumber`) };
    }
    default: {
      const mode = clocks.find((clock) => clock === (settings.mode ?? "local"));
      if (mode === undefined) return places.fail(`${place}.mode`, `expected ${clocks.join(", ")}`);
      return { type: "limit_rate", rate: places.positive(settings.rate, `${place}.rate`), mode };
    }
  }
}

function readCast(
  { new_type: newType, new_name: newName, new_unit: newUnit }: ConfigGroup,
  signals: readonly SignalReference[],
  place: string,
  places: ConfigPlaces,
): CastStep {
  if (newType !== undefined && !signalTypes.includes(String(newType))) {
    places.fail(`${place}.new_type`, `expected ${signalTypes.join(", ")}`);
  }
  return {
    type: "cast",
    signals,
    ...newType !== undefined && { newType: newType as SignalType },
    ...newName !== undefined && { newName: String(newName) },
    ...newUnit !== undefined && { newUnit: String(newUnit) },
  };
}

function readSignals(
  { signal, signals = signal ?? [] }: ConfigGroup,
  place: string,
  places: ConfigPlaces,
): SignalReference[] {
  return (Array.isArray(signals) ? signals : [signals]).map((entry) =>
    typeof entry === "string" || typeof entry === "number"
      ? entry
      : places.fail(`${place}.signals`, "expected names of signals, or indices from 0")
  );
}
