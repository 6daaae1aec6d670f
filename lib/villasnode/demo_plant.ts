/**
 * A demo plant: it stands in for the simulator behind a VILLASnode, for trying a controller.
 *
 * @module
 */

import type { Client } from "../client/client.ts";
import { sleep } from "../system/wait.ts";
import { pace } from "../timing/pacing.ts";
import type { Sample } from "../samples/sample.ts";
import { now } from "../samples/timestamp.ts";

/** Time constant of the plant, in seconds. */
const timeConstant = 0.5;

/** Gain of the plant: it does not follow its input all the way. */
const gain = 0.8;

/** The two setpoints, which take turns, and how long each lasts, in seconds. */
const setpoints = [230, 210];
const setpointSeconds = 4;

/** The last part of each setpoint, in seconds: the plant should have settled by then, and the error is measured. */
const settledSeconds = 1;

/** The state of a plant. */
export interface PlantState {
  /** The value that should be measured. */
  setpoint: number;
  /** The value that is measured. */
  measured: number;
  /** The last value from the controller. */
  actuation: number;
}

/** Report of {@linkcode runPlant}. */
export interface PlantReport {
  /** Number of samples sent. */
  sent: number;
  /** Number of samples from a controller that were accepted. */
  received: number;
  /** Number of samples that were not one finite float. */
  refused: number;
  /**
   * Root mean square of the setpoint minus the measured value over the last second of each setpoint, in the unit of both;
   * NaN where the plant did not run so long.
   */
  error: number;
}

/** Options of running a plant. */
export interface PlantOptions {
  /** Samples per second. */
  rate: number;
  /** Duration of the run, in seconds; default: until the signal is aborted. */
  duration?: number;
  /** Ends it. */
  signal: AbortSignal;
  /** Called after each step. */
  onStep?: (sample: Sample, state: Readonly<PlantState>) => void;
  /** Called with the reason for each sample that is not accepted. */
  onRefused?: (why: string) => void;
}

/**
 * Computes the measured value of a first-order plant after some time: it approaches gain times input, and the
 * distance to that falls to 37 % within one time constant. The step is exact, whatever its length (the zero-order hold of control theory).
 *
 * @param measured The measured value now
 * @param input The input, which stays the same meanwhile
 * @param seconds The time, in seconds
 * @returns The measured value then
 */
export function stepPlant(measured: number, input: number, seconds: number): number {
  const final = gain * input;
  return final + (measured - final) * Math.exp(-seconds / timeConstant);
}

/**
 * Runs a plant behind a connection: it sends its setpoint and its measured value at a constant rate, and receives one
 * float, the actuation, which holds until the next one arrives.
 *
 * @param node The connection of the plant; it is closed at the end
 * @param options How to run it, and for how long
 * @returns Counters, and the error of the control
 */
export async function runPlant(node: Client, options: PlantOptions): Promise<PlantReport> {
  const { rate, duration = Infinity, signal, onStep, onRefused } = options;
  const state: PlantState = { setpoint: setpoints[0] ?? 0, measured: 0, actuation: 0 };
  const report: PlantReport = { sent: 0, received: 0, refused: 0, error: NaN };
  const receiving = receiveActuations(node, state, report, onRefused);
  const steps = Math.max(1, Math.round(rate * duration));
  let squares = 0;
  let squared = 0;
  const end = performance.now() + duration * 1000;
  for await (const { index } of pace(rate, signal)) {
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
    // Not at the next step, which may be due long after the end; but answers may come until then.
    if (index + 1 < steps) continue;
    await sleep(Math.max(0, end - performance.now()), signal);
    break;
  }
  report.error = Math.sqrt(squares / squared);
  node.close();
  await receiving;
  return report;
}

async function receiveActuations(
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
        `A sample arrived that is not one finite float; a VILLASnode with this signal might not survive it`,
      );
    }
  }
}
