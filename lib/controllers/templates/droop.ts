/**
 * The template `droop`.
 *
 * @module
 */

import type { Template } from "./template.ts";

/** Droop control of two nodes: a controller between several links, at a fixed rate. */
export const droop: Template = {
  summary: "droop control of two nodes, which share the load by their ratings",
  text: `// Droop control of two converters, each behind a node of its own: the lower the frequency, the more power.
import type { Step } from "jsr:@villas/client@^0.1.0/controllers";

const signals = { in: [{ name: "frequency", unit: "Hz" }], out: [{ name: "power", unit: "kW" }] };

// The two nodes: where this machine receives from each, and where each of them is.
export const links = {
  north: { local: "udp://0.0.0.0:12001", remote: "udp://127.0.0.1:12000", signals },
  south: { local: "udp://0.0.0.0:12011", remote: "udp://127.0.0.1:12010", signals },
};
export const rate = 50;
export const parameters = { nominal: 50, droop: 0.02 };

export const safe = { north: { power: 0 }, south: { power: 0 } };
export const watchdog = 0.5;
export const limits = { north: { power: { min: 0, max: 100 } }, south: { power: { min: 0, max: 60 } } };

/** Power at the nominal frequency, and at full load, in kW. */
const north = { scheduled: 40, rating: 100 };
const south = { scheduled: 20, rating: 60 };

function share({ scheduled, rating }: typeof north, frequency: number): { power: number } {
  const { nominal, droop } = parameters;
  return { power: scheduled + rating * (nominal - frequency) / (droop * nominal) };
}

// A link from which nothing has come yet is undefined, and gets nothing.
const step: Step<{ north?: [frequency: number]; south?: [frequency: number] }> = (input) => ({
  ...input.north && { north: share(north, input.north[0]) },
  ...input.south && { south: share(south, input.south[0]) },
});
export default step;
`,
};
