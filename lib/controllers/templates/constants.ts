/**
 * The template `constants`.
 *
 * @module
 */

import type { Template } from "./template.ts";

/** Constants back: what VILLASnode's documentation suggests to change its Python client to. */
export const constants: Template = {
  summary: "the same values back for each sample",
  text: `// Sends the same values back for each sample that comes.
import type { Step } from "jsr:@villas/client@^0.1.0/controllers";

// What the node takes: its in.signals. What comes may be anything here.
export const signals = { out: "2f" };

const step: Step = () => [230.1, 50];
export default step;
`,
};
