/// <reference lib="dom" />
/**
 * Traces with about a row for each pixel, or more, as columns of pixels.
 *
 * @module
 */

import { type Columns, coverColumns, createColumns } from "./envelope.ts";
import { TraceImage } from "./trace_image.ts";

/** Width of the lines, in pixels of the page. */
export const lineWidth = 1.5;

/** A trace to draw. */
export interface DenseTrace {
  /** Times of the rows. */
  readonly times: Float64Array;
  /** Values of the rows; what is not finite is a gap. */
  readonly values: Float64Array;
  readonly isStepped: boolean;
  readonly color: string;
  readonly dash: readonly number[];
  /** Values at the lower and at the upper edge of the pane. */
  readonly bottom: number;
  readonly top: number;
}

/** Where traces are drawn, in pixels of the canvas. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Draws the dense traces of a pane. */
export class DenseTraces {
  readonly #image = new TraceImage();
  #columns: Columns = createColumns(0);

  /**
   * Draws traces, one over the other.
   *
   * @param context The canvas
   * @param place The area of the traces on it
   * @param window Times at the left and at the right edge
   * @param traces The traces, the first one at the bottom
   */
  draw(
    context: CanvasRenderingContext2D,
    place: Place,
    [from, to]: readonly [from: number, to: number],
    traces: readonly DenseTrace[],
  ): void {
    // Where a pixel of the page is 1.25 or 1.5 of the screen's, the area may end in the middle of one.
    const [left, top] = [Math.round(place.left), Math.round(place.top)];
    const [width, height] = [Math.floor(place.width), Math.floor(place.height)];
    if (this.#columns.width !== width) this.#columns = createColumns(width);
    this.#image.clear(width, height);
    const ratio = devicePixelRatio;
    for (const trace of traces.toReversed()) {
      const perUnit = height / (trace.top - trace.bottom);
      const projection = { from, perSecond: width / (to - from), bottom: trace.bottom, perUnit, height };
      coverColumns(trace.times, trace.values, projection, trace.isStepped, this.#columns);
      this.#image.drawBelow(this.#columns, lineWidth * ratio, trace.color, dashColumns(trace.dash, ratio));
    }
    this.#image.drawOn(context, left, top);
  }
}

/** Returns what tells which columns the dashes of a line leave; undefined for a solid one. */
function dashColumns(dash: readonly number[], ratio: number): ((x: number) => boolean) | undefined {
  const period = dash.reduce((sum, length) => sum + length, 0) * ratio;
  if (period === 0) return undefined;
  return (x) => {
    let rest = x % period;
    const index = dash.findIndex((length) => (rest -= length * ratio) < 0);
    return index % 2 === 0;
  };
}
