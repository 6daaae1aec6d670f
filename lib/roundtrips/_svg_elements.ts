/**
 * Elements of SVG pictures: safe text, short numbers, and ticks at round numbers.
 *
 * @module
 */

import { escapeXml } from "../system/xml.ts";

/** Writes a coordinate, to a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Draws a line through points. */
export function polyline(points: readonly (readonly [x: number, y: number])[], attributes: string): string {
  if (points.length === 0) return "";
  const path = points.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");
  return `<polyline points="${path}" fill="none" ${attributes}/>`;
}

/** Draws text at a point. */
export function label(x: number, y: number, text: string, attributes = ""): string {
  return `<text x="${px(x)}" y="${px(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escapeXml(text)}</text>`;
}

/** Returns the ticks of a linear axis from 0: at most so many intervals of 1, 2 or 5 times a power of ten. */
export function linearTicks(end: number, intervals: number): number[] {
  const rough = end / intervals;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((nice) => nice * power >= rough * (1 - 1e-9)) ?? 10);
  const count = Math.floor(end / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Returns the ticks of a logarithmic axis: powers of ten, with 2 and 5 times these unless the axis is long. */
export function logarithmicTicks(from: number, to: number): number[] {
  const steps = Math.log10(to / from) > 4 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    ticks.push(...steps.map((step) => Number(`${step}e${power}`)));
  }
  return ticks.filter((tick) => tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9));
}
