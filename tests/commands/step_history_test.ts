import { assertEquals } from "@std/assert";
import type { Value } from "@villas/client";
import { StepHistory } from "../../lib/commands/_shared/step_history.ts";

const memory = 2 ** 20;

/** A step that answers a sample. */
function step(inputs: readonly Value[], outputs: readonly Value[], sequence = 0n) {
  return { sequence, tsOrigin: { sec: 7, nsec: Number(sequence) }, inputs, outputs };
}

const namesOf = ({ history }: StepHistory) => history.channels.map(({ name }) => name);

/** The values of the last step, in the order of the channels. */
const lastOf = ({ history }: StepHistory) =>
  history.channels.map((_, channel) => history.valueAt(channel, history.end - 1));

Deno.test("StepHistory learns signals that nothing names from the steps, and shows nothing before", () => {
  const source = new StepHistory("a.ts", { signals: undefined, inputs: 0 }, [["gain", 2]], memory);
  source.record(step([], []), [["gain", 2]]);
  assertEquals([namesOf(source), source.history.end], [[], 0]);
  source.record(step([1.5, 3n], []), [["gain", 2]]);
  assertEquals([namesOf(source), lastOf(source)], [["in.signal0", "in.signal1", "gain"], [1.5, 3, 2]]);
  // The first output comes later; fewer values than before leave gaps.
  source.record(step([2.5, 4n], [true]), [["gain", 2]]);
  const { history } = source;
  source.record(step([3.5], [false], 1n), [["gain", 5]]);
  assertEquals(source.history, history, "the same one goes on");
  assertEquals(namesOf(source), ["in.signal0", "in.signal1", "out.signal0", "gain"]);
  assertEquals(lastOf(source), [3.5, NaN, 0, 5]);
});

Deno.test("StepHistory keeps to the signals that are known, and tells parameters of the same name from them", () => {
  const signals = [{ name: "level", unit: "m", type: "float" }, { name: "valve", type: "boolean" }] as const;
  const source = new StepHistory("a.ts", { signals, inputs: 1 }, [["level", 4], ["isOn", true]], memory);
  assertEquals(namesOf(source), ["level", "valve", "parameter.level", "isOn"]);
  source.record(step([1, 2, 3], [true]), [["level", 4], ["isOn", true]]);
  assertEquals(lastOf(source), [1, 1, 4, 1]);
  // Another version of the file has other parameters.
  source.record(step([1], [false]), [["valve", false]]);
  assertEquals([namesOf(source), lastOf(source)], [["level", "valve", "parameter.valve"], [1, 0, 0]]);
});
