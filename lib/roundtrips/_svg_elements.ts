/**
 * Pieces of pictures in SVG: text that is safe, numbers that are short, axes that people can read.
 *
 * @module
 */

/** Text as XML has it, without what XML cannot carry. */
export function escapeText(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A coordinate to a tenth of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A line through points. */
export function polyline(points: readonly (readonly [x: number, y: number])[], attributes: string): string {
  if (points.length === 0) return "";
  const path = points.map(([x, y]) => `${px(x)},${px(y)}`).join(" ");
  return `<polyline points="${path}" fill="none" ${attributes}/>`;
}

/** A text at a point. */
export function label(x: number, y: number, text: string, attributes = ""): string {
  return `<text x="${px(x)}" y="${px(y)}"${attributes === "" ? "" : ` ${attributes}`}>${escapeText(text)}</text>`;
}

/** Marks of a linear axis from 0: at most so many intervals of 1, 2 or 5 times a power of ten. */
export function linearTicks(end: number, intervals: number): number[] {
  const rough = end / intervals;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((nice) => nice * power >= rough * (1 - 1e-9)) ?? 10);
  const count = Math.floor(end / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Marks of a logarithmic axis: powers of ten with 2 and 5 between them, or alone where the axis is long. */
export function logarithmicTicks(from: number, to: number): number[] {
  const steps = Math.log10(to / from) > 4 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power++) {
    ticks.push(...steps.map((step) => Number(`${step}e${power}`)));
  }
  return ticks.filter((tick) => tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9));
}
