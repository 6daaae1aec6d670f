/// <reference lib="dom" />
/**
 * Panes that need the samples of the window as they are: spectra, XY and phasors, drawn on a canvas.
 *
 * @module
 */

import { formatEngineering, formatValue, labelTicks, rangeOf, readableTicks, ticksOf } from "../axis.ts";
import { measureHarmonics, type Spectrum, spectrumOf } from "../spectrum.ts";
import { h } from "./dom.ts";
import type { Model, Trace } from "./model.ts";
import type { PaneKind } from "./view.ts";

/** The samples of one pane: those of its traces, which have the same source. */
export interface PaneSamples {
  readonly times: Float64Array;
  readonly values: ReadonlyMap<string, Float64Array>;
}

/** The most samples that each kind asks for. */
export const sampleLimits: Readonly<Record<Exclude<PaneKind, "time">, number>> = {
  spectrum: 65_536,
  xy: 20_000,
  phasor: 2,
};

/** Space for the labels, in pixels. */
const margins = { left: 62, right: 14, top: 12, bottom: 28 } as const;

/** A place to draw on, in pixels of the page. */
interface Area {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  color(name: string): string;
}

/** A pane of samples. */
export class SamplePane {
  readonly element: HTMLElement = h("div.plot");
  readonly canvas: HTMLCanvasElement = h("canvas");
  readonly #text = h("div.readout");
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
    this.element.append(this.canvas, this.#text);
  }

  /** Draws samples. */
  draw(kind: Exclude<PaneKind, "time">, traces: readonly Trace[], samples: PaneSamples): void {
    const area = this.#prepare();
    if (area === undefined) return;
    const text = kind === "spectrum"
      ? this.#drawSpectra(area, traces, samples)
      : kind === "xy"
      ? this.#drawXY(area, traces, samples)
      : this.#drawPhasors(area, traces, samples);
    this.#text.replaceChildren(...text.map((line) => h("div", {}, line)));
  }

  #prepare(): Area | undefined {
    const { width, height } = this.element.getBoundingClientRect();
    const ratio = devicePixelRatio;
    const size = [Math.round(width * ratio), Math.round(height * ratio)] as const;
    if (this.canvas.width !== size[0]) this.canvas.width = size[0];
    if (this.canvas.height !== size[1]) this.canvas.height = size[1];
    const context = this.canvas.getContext("2d");
    if (context === null || width < 40 || height < 40) return undefined;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
    const style = getComputedStyle(document.documentElement);
    return { context, width, height, color: (name) => style.getPropertyValue(name).trim() };
  }

  /** Draws amplitudes over frequencies, in decibels below the largest one, with the harmonics as text. */
  #drawSpectra(area: Area, traces: readonly Trace[], { times, values }: PaneSamples): string[] {
    const { nominal, windowFunction } = this.#model.view;
    const rate = (times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0));
    if (!(rate > 0) || !Number.isFinite(rate) || times.length < 8) return ["Too few samples for a spectrum"];
    const spectra = traces.flatMap((trace): [Trace, Spectrum][] => {
      const column = values.get(trace.key);
      return column?.every(Number.isFinite) ? [[trace, spectrumOf(column, rate, windowFunction)]] : [];
    });
    const largest = Math.max(1e-300, ...spectra.map(([, { amplitudes }]) => largestOf(amplitudes.subarray(1))));
    const floor = -100;
    const decibels = (amplitude: number) => Math.max(floor, 20 * Math.log10(amplitude / largest));
    const end = rate / 2;
    const place = drawAxes(area, [0, end], [floor, 5], "Hz", `dB of ${formatEngineering(largest)}`);
    for (const [trace, { amplitudes, resolution }] of spectra) {
      // The largest amplitude of each pixel, so that no line is lost between two.
      const columns = new Map<number, number>();
      for (let index = 1; index < amplitudes.length; index++) {
        const x = Math.round(place.x(index * resolution) * 2) / 2;
        columns.set(x, Math.max(columns.get(x) ?? 0, amplitudes[index] ?? 0));
      }
      drawLine(area, this.#model.lookOf(trace).color, [...columns].map(([x, value]) => [x, place.y(decibels(value))]));
    }
    return spectra.map(([{ key, description }]) => {
      const harmonics = measureHarmonics(values.get(key) ?? new Float64Array(0), rate, nominal);
      if (harmonics === undefined) return `${description.name}: no ${nominal} Hz`;
      const { frequency, amplitudes: [fundamental = 0, ...others], distortion } = harmonics;
      const strongest = others.map((amplitude, index) => ({ order: index + 2, amplitude }))
        .filter(({ amplitude }) => amplitude > fundamental * 1e-4)
        .sort((a, b) => b.amplitude - a.amplitude).slice(0, 4)
        .map(({ order, amplitude }) => `H${order} ${(amplitude / fundamental * 100).toPrecision(3)} %`);
      const head = `${description.name}: ${frequency.toFixed(3)} Hz, ${
        formatValue(fundamental)
      } ${description.unit} peak`;
      return [head, `THD ${(distortion * 100).toPrecision(3)} %`, ...strongest].join(" · ");
    });
  }

  /** Draws the other traces over the first one. */
  #drawXY(area: Area, [first, ...others]: readonly Trace[], { values }: PaneSamples): string[] {
    const horizontal = values.get(first?.key ?? "");
    if (first === undefined || horizontal === undefined || others.length === 0) {
      return ["Drag two signals here: the first one is X"];
    }
    const verticals = others.map(({ key }) => values.get(key) ?? new Float64Array(0));
    const place = drawAxes(
      ...[area, rangeOf(...extremesOf([horizontal])), rangeOf(...extremesOf(verticals))] as const,
      first.description.unit,
      others[0]?.description.unit ?? "",
    );
    for (const [index, trace] of others.entries()) {
      const column = verticals[index];
      if (column === undefined) continue;
      const points = Array.from(
        column,
        (value, at): [number, number] => [place.x(horizontal[at] ?? NaN), place.y(value)],
      );
      drawLine(area, this.#model.lookOf(trace).color, points);
    }
    return [`X: ${first.description.name}`];
  }

  /** Draws the last complex values, or pairs of a magnitude and an angle, as arrows. */
  #drawPhasors(area: Area, traces: readonly Trace[], { values }: PaneSamples): string[] {
    const lastOf = (trace: Trace | undefined) => values.get(trace?.key ?? "")?.at(-1) ?? NaN;
    const arrows = pairUp(traces).map(([magnitude, angle]) => {
      const unit = angle.description.unit;
      const degrees = lastOf(angle) * (unit === "rad" ? 180 / Math.PI : 1);
      return { trace: magnitude, size: lastOf(magnitude), degrees };
    });
    if (arrows.length === 0) return ["Drag complex signals here, or pairs of a magnitude and an angle"];
    const { context, width, height, color } = area;
    const radius = Math.min(width, height) / 2 - 22;
    const [x, y] = [width / 2, height / 2];
    context.lineWidth = 1;
    context.strokeStyle = color("--grid");
    context.fillStyle = color("--muted");
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const part of [0.25, 0.5, 0.75, 1]) {
      context.beginPath();
      context.arc(x, y, radius * part, 0, 2 * Math.PI);
      context.stroke();
    }
    for (let degrees = 0; degrees < 360; degrees += 30) {
      const [cos, sin] = [Math.cos(degrees * Math.PI / 180), Math.sin(degrees * Math.PI / 180)];
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(x + radius * cos, y - radius * sin);
      context.stroke();
      context.fillText(`${degrees}°`, x + (radius + 14) * cos, y - (radius + 12) * sin);
    }
    // Arrows of one unit have one scale.
    const largest = Map.groupBy(arrows, ({ trace }) => trace.description.unit);
    for (const { trace, size, degrees } of arrows) {
      const scale = Math.max(...(largest.get(trace.description.unit) ?? []).map((arrow) => Math.abs(arrow.size)));
      if (!(scale > 0)) continue;
      drawArrow(area, [x, y], radius * size / scale, degrees, this.#model.lookOf(trace).color);
    }
    return arrows.map(({ trace, size, degrees }) => {
      const { name, unit } = trace.description;
      return `${name.replace(/\.magnitude$/, "")}: ${formatValue(size)} ${unit} ∠ ${formatValue(degrees, 5)}°`;
    });
  }
}

/** Pairs magnitudes with angles: those of a complex signal, else one after the other. */
export function pairUp(traces: readonly Trace[]): (readonly [magnitude: Trace, angle: Trace])[] {
  const pairs: (readonly [Trace, Trace])[] = [];
  const plain: Trace[] = [];
  for (const trace of traces) {
    const { part, signal } = trace.description;
    if (part === undefined) plain.push(trace);
    const angle = part !== "magnitude"
      ? undefined
      : traces.find((other) =>
        other.source === trace.source && other.description.signal === signal && other.description.part === "phase"
      );
    if (angle !== undefined) pairs.push([trace, angle]);
  }
  for (let index = 0; index + 1 < plain.length; index += 2) {
    const [magnitude, angle] = [plain[index], plain[index + 1]];
    if (magnitude !== undefined && angle !== undefined) pairs.push([magnitude, angle]);
  }
  return pairs;
}

/** Draws axes with a grid and labels; returns the place of each value. */
function drawAxes(
  { context, width, height, color }: Area,
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
  unitX: string,
  unitY: string,
) {
  const area = {
    left: margins.left,
    top: margins.top,
    width: width - margins.left - margins.right,
    height: height - margins.top - margins.bottom,
  };
  const x = (value: number) => area.left + (value - left) / (right - left) * area.width;
  const y = (value: number) => area.top + (top - value) / (top - bottom) * area.height;
  context.lineWidth = 1;
  context.strokeStyle = color("--grid");
  context.fillStyle = color("--muted");
  context.textBaseline = "middle";
  context.textAlign = "right";
  const ticksY = readableTicks(bottom, top, Math.max(2, area.height / 34));
  const labelsY = labelTicks(ticksY).labels;
  for (const [index, tick] of ticksY.entries()) {
    context.beginPath();
    context.moveTo(area.left, y(tick));
    context.lineTo(area.left + area.width, y(tick));
    context.stroke();
    context.fillText(labelsY[index] ?? "", area.left - 6, y(tick));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const ticksX = ticksOf(left, right, Math.max(2, area.width / 90));
  const labelsX = labelTicks(ticksX).labels;
  for (const [index, tick] of ticksX.entries()) {
    context.beginPath();
    context.moveTo(x(tick), area.top);
    context.lineTo(x(tick), area.top + area.height);
    context.stroke();
    context.fillText(labelsX[index] ?? "", x(tick), area.top + area.height + 7);
  }
  context.textAlign = "right";
  context.fillText(unitX, area.left + area.width, area.top + area.height - 14);
  context.textAlign = "left";
  context.fillText(unitY, area.left + 6, area.top + 4);
  return { x, y };
}

function drawLine({ context }: Area, color: string, points: readonly (readonly [number, number])[]): void {
  context.beginPath();
  context.strokeStyle = color;
  context.lineWidth = 1.25;
  context.lineJoin = "round";
  let isDown = false;
  for (const [x, y] of points) {
    const isThere = Number.isFinite(x) && Number.isFinite(y);
    if (isThere && isDown) context.lineTo(x, y);
    else if (isThere) context.moveTo(x, y);
    isDown = isThere;
  }
  context.stroke();
}

function drawArrow(
  { context }: Area,
  [x, y]: readonly [number, number],
  length: number,
  degrees: number,
  color: string,
): void {
  const angle = -degrees * Math.PI / 180;
  const [endX, endY] = [x + length * Math.cos(angle), y + length * Math.sin(angle)];
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(endX, endY);
  context.stroke();
  context.beginPath();
  context.moveTo(endX, endY);
  for (const side of [-1, 1]) {
    context.lineTo(endX - 11 * Math.cos(angle + side * 0.35), endY - 11 * Math.sin(angle + side * 0.35));
  }
  context.fill();
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) if (value > largest) largest = value;
  return largest;
}

function extremesOf(columns: readonly Float64Array[]): [min: number, max: number] {
  let [min, max] = [Infinity, -Infinity];
  for (const column of columns) {
    for (const value of column) {
      if (!Number.isFinite(value)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return [min, max];
}
