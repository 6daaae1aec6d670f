/**
 * A plant to be controlled: what stands behind a VILLASnode where there is no simulator, for trying a controller.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { pace } from "../timing/pacing.ts";
import type { Sample } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";

/** What the plant is told about itself: it follows its input slowly, and not all the way. */
const timeConstant = 0.5;
const gain = 0.8;

/** The setpoint changes between these two, this often. */
const setpoints = [230, 210];
const setpointSeconds = 4;

/** How long before a change of the setpoint the plant should follow it; the error is that of this time, in seconds. */
const settledSeconds = 1;

/** The state of a plant. */
export interface PlantState {
  /** What the measured value should be. */
  setpoint: number;
  /** What it is. */
  measured: number;
  /** What the controller said last. */
  actuation: number;
}

/** What became of a plant that was run. */
export interface PlantReport {
  /** Samples sent. */
  sent: number;
  /** Samples that came from a controller and were taken. */
  received: number;
  /** Samples that came and were not one float. */
  refused: number;
  /**
   * Root mean square of setpoint less measured value over the last second of each setpoint, in the unit of both; NaN
   * where it did not last so long.
   */
  error: number;
}

/** How to run a plant. */
export interface PlantOptions {
  /** Samples a second. */
  rate: number;
  /** How long to run, in seconds; default: until the signal. */
  duration?: number;
  /** Ends it. */
  signal: AbortSignal;
  /** Called after each step. */
  onStep?: (sample: Sample, state: Readonly<PlantState>) => void;
  /** Called with what is not taken. */
  onRefused?: (why: string) => void;
}

/**
 * What a first-order plant measures after some time: it approaches gain times input, and is within 37 % of the way after
 * one time constant. The step is exact, whatever its length (the zero-order hold of control theory).
 *
 * @param measured What it measures now
 * @param input What it is given, which stays the same meanwhile
 * @param seconds How long
 * @returns What it measures then
 */
export function stepPlant(measured: number, input: number, seconds: number): number {
  const final = gain * input;
  return final + (measured - final) * Math.exp(-seconds / timeConstant);
}

/**
 * Runs a plant behind a connection: it sends its setpoint and its measured value at a constant rate, and takes one float,
 * the actuation, which holds until the next one comes.
 *
 * @param node The connection of the plant; it is closed at the end
 * @param options How to run it
 * @returns What became of it
 */
export async function runPlant(node: Client, options: PlantOptions): Promise<PlantReport> {
  const { rate, duration = Infinity, signal, onStep, onRefused } = options;
  const state: PlantState = { setpoint: setpoints[0] ?? 0, measured: 0, actuation: 0 };
  const report: PlantReport = { sent: 0, received: 0, refused: 0, error: NaN };
  const receiving = takeActuations(node, state, report, onRefused);
  const steps = Math.max(1, Math.round(rate * duration));
  let squares = 0;
  let squared = 0;
  for await (const { index } of pace(rate, signal)) {
    if (index === steps) break;
    const time = index / rate;
    const phase = time % setpointSeconds;
    state.setpoint = setpoints[Math.floor(time / setpointSeconds) % setpoints.length] ?? 0;
    if (index > 0) state.measured = stepPlant(state.measured, state.actuation, 1 / rate);
    if (phase >= setpointSeconds - settledSeconds) {
      squares += (state.setpoint - state.measured) ** 2;
      squared++;
    }
    const sample: Sample = { sequence: BigInt(index), tsOrigin: now(), values: [state.setpoint, state.measured] };
    await node.send(sample);
    report.sent++;
    onStep?.(sample, state);
  }
  report.error = Math.sqrt(squares / squared);
  node.close();
  await receiving;
  return report;
}

async function takeActuations(
  node: Client,
  state: PlantState,
  report: PlantReport,
  onRefused: PlantOptions["onRefused"],
): Promise<void> {
  for await (const { type = "data", values } of node) {
    const [actuation] = values;
    if (type === "data" && values.length === 1 && typeof actuation === "number" && Number.isFinite(actuation)) {
      state.actuation = actuation;
      report.received++;
    } else {
      report.refused++;
      onRefused?.(
        `A sample that is not one finite float came; a VILLASnode with this signal might not have survived it`,
      );
    }
  }
}
