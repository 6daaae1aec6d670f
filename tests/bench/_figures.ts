/**
 * What the bench measures: figures, each the median of several runs, and what is told of them.
 *
 * @module
 */

/** A figure: something measured several times, in turns with what it is compared with. */
export interface Figure {
  /** The group it belongs to, such as `"echo"`. */
  group: string;
  /** What was done, such as `"decode, 8 values"`. */
  task: string;
  /** Who did it, such as `"protobufjs static"`. */
  subject: string;
  /** Of the figures, such as `"/s"`. */
  unit: string;
  /** The figure of each run, in the order of the runs. */
  runs: number[];
  /** Who the task's ratios are in relation to. */
  reference?: string;
}

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The figure that this share of all figures does not exceed; between two of them where it falls between. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * How many times another figure a figure is: the median of the ratios run by run, since what else the machine did hits
 * neighbouring runs alike.
 */
export function ratio(figure: Figure, other: Figure): number {
  return median(figure.runs.map((value, run) => value / (other.runs[run] ?? NaN)));
}

/** Collects figures run by run. */
export interface Collector {
  /** All figures so far. */
  readonly figures: Figure[];
  /** Adds the figure of one run. */
  add(task: string, subject: string, unit: string, value: number): void;
}

/**
 * Makes a collector for the figures of a group.
 *
 * @param group Name of the group
 * @param reference Who ratios are in relation to
 */
export function createCollector(group: string, reference?: string): Collector {
  const figures = new Map<string, Figure>();
  return {
    get figures() {
      return [...figures.values()];
    },
    add(task, subject, unit, value) {
      const key = `${task}\0${subject}`;
      const figure = figures.get(key) ??
        { group, task, subject, unit, runs: [], ...reference === undefined ? {} : { reference } };
      figure.runs.push(value);
      figures.set(key, figure);
    },
  };
}

/** Finds a figure. */
export function findFigure(figures: readonly Figure[], group: string, task: string, subject: string) {
  return figures.find((figure) => figure.group === group && figure.task === task && figure.subject === subject);
}
