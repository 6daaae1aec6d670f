/**
 * What `convert --resample` and `--join` write, beside what NumPy and SciPy find at the same times: the csv that they read
 * is the one that a lab would read.
 */

import { assert, assertEquals } from "@std/assert";
import { type InterpolationMethod, interpolationMethods } from "@villas/client/recordings";
import { seededRandom } from "../_random.ts";
import { run } from "../commands/_cli.ts";
import { withFolder } from "../_folders.ts";
import { findScipy } from "../recordings/_other_readers.ts";

const scipy = await findScipy();

/** Longest time that Python may take, in milliseconds. */
const patience = 60_000;

/**
 * Reads the results and the recordings with NumPy, interpolates with numpy.interp and scipy.interpolate.interp1d, and prints
 * for each result how many values it compared, the largest difference of them, and of the times from the multiples of the
 * period.
 */
const script = `
import json, sys
import numpy as np
from scipy.interpolate import interp1d

results, recordings = json.loads(sys.argv[1])
start = 1700000000

def read(path):
    rows = np.loadtxt(path, delimiter=",", comments="#", dtype=str, ndmin=2)
    return (rows[:, 0].astype(np.int64) - start) * 10**9 + rows[:, 1].astype(np.int64), rows[:, 4:].astype(float)

def read_sorted(path):
    times, values = read(path)
    times, first = np.unique(times, return_index=True)
    return times.astype(float), values[first]

known = [read_sorted(path) for path in recordings]

def interpolate(method, times, values, wanted):
    if method == "linear": return np.interp(wanted, times, values)
    return interp1d(times, values, kind={"nearest": "nearest", "hold": "previous"}[method])(wanted)

def compare(path, method, rate):
    times, values = read(path)
    wanted = np.column_stack([
        interpolate(method, known_times, column, times.astype(float))
        for known_times, data in known for column in data.T
    ])
    difference = np.abs(values - wanted) / np.maximum(1, np.abs(wanted))
    period = 1e9 / rate if rate > 0 else 1
    drift = np.abs(times - np.round(times / period) * period)
    return {"rows": len(times), "compared": values.size, "largest": float(difference.max()), "drift": float(drift.max())}

print(json.dumps([compare(*result) for result in results]))
`;

/** A file that was written, by a method and at a rate; 0 for the times of the recordings. */
type Result = readonly [path: string, method: InterpolationMethod, rate: number];

/** What the script says of a result. */
interface Figures {
  readonly rows: number;
  readonly compared: number;
  readonly largest: number;
  readonly drift: number;
}

/** Runs the script; a Python that hangs is ended. */
async function compareWithNumpy(
  python: string,
  results: readonly Result[],
  recordings: readonly string[],
): Promise<Figures[]> {
  const { success, stdout, stderr } = await new Deno.Command(python, {
    args: ["-c", script, JSON.stringify([results, recordings])],
    stdin: "null",
    signal: AbortSignal.timeout(patience),
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Writes a recording of irregular times, some of them out of order, one of them twice. */
async function writeRecording(path: string, count: number, seed: number): Promise<string> {
  const random = seededRandom(seed);
  let time = 0;
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    time += 1 + random.below(2_000_000);
    const sec = 1_700_000_000 + Math.floor(time / 1e9);
    const values = [Math.sin(time / 1e8), (random.below(2000) - 1000) / 7, index].map((value) => value.toFixed(12));
    lines.push(`${sec},${String(time % 1e9).padStart(9, "0")},nan,${index},${values.join(",")}`);
  }
  lines.splice(50, 0, lines[50] ?? "");
  for (let index = 100; index + 1 < lines.length; index += 100) {
    [lines[index], lines[index + 1]] = [lines[index + 1] ?? "", lines[index] ?? ""];
  }
  await Deno.writeTextFile(path, `# secs,nsecs,offset,sequence,a,b,c\n${lines.join("\n")}\n`);
  return path;
}

Deno.test({
  name: "convert --resample and --join find the values that NumPy and SciPy find, with each method",
  ignore: scipy === undefined,
  fn: () =>
    withFolder(async (folder) => {
      const recordings = [
        await writeRecording(`${folder}/a.csv`, 2000, 1),
        await writeRecording(`${folder}/b.csv`, 1500, 2),
      ];
      const results = interpolationMethods.flatMap((method) =>
        [1700, 0].map((rate): Result => [`${folder}/${method}${rate}.csv`, method, rate])
      );
      for (const [path, method, rate] of results) {
        const options = rate === 0 ? [] : ["--resample", `${rate}Hz`];
        const { code, stderr } = await run(
          ...["convert", ...recordings, "--join", "--method", method, ...options, "--output", path],
        );
        assertEquals(code, 0, stderr);
      }
      for (const [index, figures] of (await compareWithNumpy(scipy ?? "", results, recordings)).entries()) {
        const { rows, compared, largest, drift } = figures;
        const what = `${results[index]}: ${JSON.stringify(figures)}`;
        assert(rows > 2000 && compared === rows * 6, what);
        assert(largest <= 1e-13, what);
        // The nearest nanosecond is up to half of one away.
        assert(drift <= 0.501, what);
      }
    }),
});
