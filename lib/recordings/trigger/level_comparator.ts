/**
 * Values beyond a level.
 *
 * @module
 */

/** A level, and which values are beyond it. */
export interface Level {
  /** Values above the level, or those below it. */
  readonly side: "above" | "below";
  /** The level, in the unit of the values. */
  readonly level: number;
  /** True if a value at the level is beyond it. */
  readonly isInclusive: boolean;
  /** Distance by which a value has to be on the other side of the level to be no longer beyond it; 0 or more. */
  readonly hysteresis: number;
}

/**
 * Follows whether a value is beyond a level, as the comparator of an oscilloscope's trigger does: with hysteresis, noise
 * about the level makes one edge and not many. NaN tells nothing.
 */
export class LevelComparator {
  readonly #level: Level;
  /** Level, with the hysteresis, that values have to reach to be on the other side. */
  readonly #release: number;
  #isBeyond: boolean | undefined;

  /** Creates a comparator that knows nothing yet. */
  constructor(level: Level) {
    this.#level = level;
    this.#release = level.side === "above" ? level.level - level.hysteresis : level.level + level.hysteresis;
  }

  /** True while the value is beyond the level; undefined as long as nothing tells. */
  get isBeyond(): boolean | undefined {
    return this.#isBeyond;
  }

  /** Takes the next value; returns true if it is the first one beyond the level after others that were not. */
  update(value: number | bigint): boolean {
    const { side, level, isInclusive } = this.#level;
    const isAbove = side === "above";
    if (isAbove ? value > level || isInclusive && value >= level : value < level || isInclusive && value <= level) {
      const isEdge = this.#isBeyond === false;
      this.#isBeyond = true;
      return isEdge;
    }
    // Without hysteresis, a value at a level that counts as beyond it does not get here.
    if (isAbove ? value <= this.#release : value >= this.#release) this.#isBeyond = false;
    return false;
  }
}
