/**
 * The template `phasor`.
 *
 * @module
 */

import type { Template } from "./template.ts";

/** The rotation of phasors: complex numbers. */
export const phasor: Template = {
  summary: "phasors turned by an angle, with complex numbers",
  text: `// Turns phasors by an angle and scales them, as a phase-shifting transformer does.
import type { Step } from "jsr:@villas/client@^0.1.0/controllers";

interface Complex {
  real: number;
  imag: number;
}

export const signals = { in: "3c", out: "3c" };
export const parameters = { degrees: 30, ratio: 1 };

const step: Step<readonly Complex[]> = (phasors) => {
  const angle = parameters.degrees * Math.PI / 180;
  const [cos, sin] = [parameters.ratio * Math.cos(angle), parameters.ratio * Math.sin(angle)];
  return phasors.map(({ real, imag }) => ({ real: real * cos - imag * sin, imag: real * sin + imag * cos }));
};
export default step;
`,
};
