/**
 * Metrics as text: in the exposition format of Prometheus, and in OpenMetrics.
 *
 * @module
 */

/** Labels of a metric, by name. */
export type Labels = Readonly<Record<string, string>>;

/** A number of a family. */
export interface NumberPoint {
  /** Labels that tell it from the others of the family. */
  readonly labels: Labels;
  /** The number. */
  readonly value: number;
}

/** A histogram of a family. */
export interface HistogramPoint {
  /** Labels that tell it from the others of the family. */
  readonly labels: Labels;
  /** Upper bounds of the buckets, rising, without infinity. */
  readonly bounds: readonly number[];
  /** Number of observations in each bucket, and behind them of those above all bounds; not cumulative. */
  readonly counts: readonly number[];
  /** Sum of all observations. */
  readonly sum: number;
}

/** Metrics of one name. */
export type MetricFamily =
  & {
    /** Name, which ends in the unit if there is one; without `_total`. */
    readonly name: string;
    /** Purpose, on one line. */
    readonly help: string;
    /** Unit, such as `"seconds"`. */
    readonly unit?: string;
  }
  & (
    | { readonly type: "counter" | "gauge" | "info"; readonly points: readonly NumberPoint[] }
    | { readonly type: "histogram"; readonly points: readonly HistogramPoint[] }
  );

/** The formats, by their media types. */
export const metricsFormats = {
  /** OpenMetrics 1.0 (`https://prometheus.io/docs/specs/om/open_metrics_spec/`). */
  openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  /** Prometheus' own (`https://prometheus.io/docs/instrumenting/exposition_formats/`). */
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
} as const;

/** One of the formats. */
export type MetricsFormat = keyof typeof metricsFormats;

/**
 * Writes metrics. There are no timestamps: the time of a scrape is that of its answer.
 *
 * @param families The metrics; a family without points is left out
 * @param format The format; OpenMetrics names a counter without `_total` in its description, has units, and ends with a
 * line that says so
 * @returns The text
 */
export function writeMetrics(families: readonly MetricFamily[], format: MetricsFormat): string {
  const isOpen = format === "openMetrics";
  const lines: string[] = [];
  for (const family of families) {
    if (family.points.length === 0) continue;
    const { name, type, unit } = family;
    const suffix = type === "counter" ? "_total" : type === "info" ? "_info" : "";
    // Prometheus knows no type info; its gauge of 1 says the same.
    const described = isOpen ? name : name + suffix;
    lines.push(`# TYPE ${described} ${type === "info" && !isOpen ? "gauge" : type}`);
    if (unit !== undefined && isOpen) lines.push(`# UNIT ${described} ${unit}`);
    lines.push(`# HELP ${described} ${escapeHelp(family.help, isOpen)}`);
    if (family.type === "histogram") { for (const point of family.points) lines.push(...histogramLines(name, point)); }
    else for (const { labels, value } of family.points) lines.push(line(name + suffix, labels, value));
  }
  if (isOpen) lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function histogramLines(name: string, { labels, bounds, counts, sum }: HistogramPoint): string[] {
  let total = 0;
  const buckets = [...bounds, Infinity].map((bound, index) => {
    total += counts[index] ?? 0;
    return line(`${name}_bucket`, { ...labels, le: writeBound(bound) }, total);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
}

function line(name: string, labels: Labels, value: number): string {
  const list = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(",");
  return `${name}${list === "" ? "" : `{${list}}`} ${writeNumber(value)}`;
}

function writeNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Math.abs(value) === Infinity ? (value < 0 ? "-Inf" : "+Inf") : String(value);
}

/** Writes the bound of a bucket as a float, so that both formats give the same label. */
function writeBound(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : writeNumber(bound);
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

/** OpenMetrics escapes quotes in a help, too; Prometheus takes a backslash in front of one for itself. */
function escapeHelp(text: string, isOpen: boolean): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return isOpen ? escaped.replaceAll('"', '\\"') : escaped;
}
