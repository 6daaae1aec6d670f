/// <reference lib="dom" />
/**
 * Pixels of dense traces, gathered in memory and put onto a canvas at once: a browser without a graphics processor takes
 * several times as long for as many small rectangles.
 *
 * @module
 */

import type { Columns } from "./envelope.ts";

/** Pixels of the traces of one pane. */
export class TraceImage {
  readonly #canvas = document.createElement("canvas");
  #context: CanvasRenderingContext2D | null = null;
  #image: ImageData | undefined;
  #pixels = new Uint32Array(0);
  /** Opaque pixels of each column, the longest part that has been found: from the first row to before the second one. */
  #opaqueFrom = new Int32Array(0);
  #opaqueTo = new Int32Array(0);

  /** Makes all pixels transparent; gets other ones where the size is another. */
  clear(width: number, height: number): void {
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      // The pixels are made by the processor, so they may stay in its memory.
      this.#context = this.#canvas.getContext("2d", { willReadFrequently: true });
      this.#image = new ImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
      this.#opaqueFrom = new Int32Array(width);
      this.#opaqueTo = new Int32Array(width);
    } else this.#pixels.fill(0);
    this.#opaqueFrom.fill(0);
    this.#opaqueTo.fill(0);
  }

  /**
   * Draws a trace below those that have been drawn, so that no pixel is written twice.
   *
   * @param columns What it covers
   * @param thickness Width of its line, in pixels
   * @param color Its colour, as six hexadecimal digits behind `#`
   * @param isDrawn Tells which columns the dashes of the line leave; undefined for all
   */
  drawBelow(
    { width, tops, bottoms }: Columns,
    thickness: number,
    color: string,
    isDrawn: ((x: number) => boolean) | undefined,
  ): void {
    const packed = packColor(color);
    const half = thickness / 2;
    const height = this.#image?.height ?? 0;
    for (let x = 0; x < width; x++) {
      const [top, bottom] = [Math.max(0, (tops[x] ?? 0) - half), Math.min(height, (bottoms[x] ?? 0) + half)];
      if (!(top < bottom) || isDrawn?.(x) === false) continue;
      if (top >= (this.#opaqueFrom[x] ?? 0) && bottom <= (this.#opaqueTo[x] ?? 0)) continue;
      this.#cover(x, top, bottom, packed);
    }
  }

  /** Puts the pixels over those of a canvas. */
  drawOn(context: CanvasRenderingContext2D, left: number, top: number): void {
    if (this.#image === undefined || this.#context === null) return;
    this.#context.putImageData(this.#image, 0, 0);
    context.drawImage(this.#canvas, left, top);
  }

  /** Covers a part of a column; pixels at its ends by the part of them that is in it. */
  #cover(x: number, top: number, bottom: number, color: number): void {
    const [first, last] = [Math.ceil(top), Math.floor(bottom)];
    const width = this.#opaqueFrom.length;
    if (first > last) return this.#blend(last * width + x, color, bottom - top);
    if (first > top) this.#blend((first - 1) * width + x, color, first - top);
    if (bottom > last) this.#blend(last * width + x, color, bottom - last);
    const [from, to] = [this.#opaqueFrom[x] ?? 0, this.#opaqueTo[x] ?? 0];
    if (last < from || first > to || from === to) {
      this.#fill(x, first, last, color);
      if (last - first > to - from) [this.#opaqueFrom[x], this.#opaqueTo[x]] = [first, last];
      return;
    }
    if (first < from) {
      this.#fill(x, first, from, color);
      this.#opaqueFrom[x] = first;
    }
    if (last > to) {
      this.#fill(x, to, last, color);
      this.#opaqueTo[x] = last;
    }
  }

  /** Fills rows of a column where nothing opaque is. */
  #fill(x: number, first: number, last: number, color: number): void {
    const [pixels, width] = [this.#pixels, this.#opaqueFrom.length];
    const end = last * width + x;
    for (let at = first * width + x; at < end; at += width) {
      if (pixels[at] === 0) pixels[at] = color;
      else this.#blend(at, color, 1);
    }
  }

  /**
   * Covers a part of one pixel below what it has: "over" of Porter and Duff, "Compositing Digital Images" (1984), in whole
   * numbers.
   */
  #blend(at: number, color: number, part: number): void {
    const above = this.#pixels[at] ?? 0;
    const opacity = above >>> 24;
    if (opacity === 255) return;
    const added = (255 - opacity) * part;
    const sum = Math.round(opacity + added);
    const share = sum === 0 ? 0 : Math.min(256, added * 256 / sum | 0);
    const mixed = mix(color, above, share, 0xff00ff) | mix(color, above, share, 0x00ff00);
    this.#pixels[at] = mixed | sum << 24;
  }
}

/** Mixes the parts of two colours that a mask selects: so many 256ths of the first one. */
function mix(color: number, other: number, share: number, mask: number): number {
  return ((color & mask) * share + (other & mask) * (256 - share)) >>> 8 & mask;
}

/** Packs a colour as the bytes of an opaque pixel. */
function packColor(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return (0xff << 24 | blue << 16 | green << 8 | red) >>> 0;
}
