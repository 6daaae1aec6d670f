import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { ClosedError, connect } from "@villas/client";
import { type PlantState, runPlant, stepPlant } from "../../lib/villasnode/demo_plant.ts";

Deno.test("stepPlant() answers a step as the closed form has it, whatever the length of its steps", () => {
  for (const rate of [1, 7, 100]) {
    let measured = 10;
    for (let step = 0; step < 2 * rate; step++) measured = stepPlant(measured, 100, 1 / rate);
    assertAlmostEquals(measured, 80 + (10 - 80) * Math.exp(-2 / 0.5), 1e-9);
  }
  assertEquals(stepPlant(80, 100, 5), 80);
});

function ignoreClosed(error: unknown): void {
  if (!(error instanceof ClosedError)) throw error;
}

/** Runs a plant fast, facing what answers each of its samples. */
async function control(answer: (values: number[]) => unknown, duration: number) {
  const address = `memory:${crypto.randomUUID()}`;
  const node = await connect({ local: `${address}-node`, remote: address });
  await using controller = await connect({ local: address, remote: `${address}-node`, signals: "any" });
  const states: PlantState[] = [];
  const refused: string[] = [];
  const controlling = (async () => {
    for await (const sample of controller) {
      const values = answer(sample.values.map(Number));
      // The plant may have ended meanwhile, and with it the controller.
      if (values !== undefined) await controller.send({ ...sample, values: values as number[] }).catch(ignoreClosed);
    }
  })();
  const report = await runPlant(node, {
    rate: 1000,
    duration,
    signal: new AbortController().signal,
    onStep: (_, state) => states.push({ ...state }),
    onRefused: (why) => refused.push(why),
  });
  controller.close();
  await controlling;
  return { report, states, refused };
}

Deno.test("runPlant() holds the actuation until the next one comes", async () => {
  let isFirst = true;
  const { report, states } = await control(() => {
    if (!isFirst) return undefined;
    isFirst = false;
    return [100];
  }, 0.2);
  assertEquals([report.sent, report.received, report.refused], [200, 1, 0]);
  const begin = states.findIndex(({ actuation }) => actuation === 100);
  const end = states.length - 1;
  const from = states[begin]?.measured ?? NaN;
  assertAlmostEquals(states[end]?.measured ?? NaN, 80 + (from - 80) * Math.exp(-(end - begin) / 1000 / 0.5), 1e-9);
});

Deno.test("runPlant() measures how far it was from its setpoint when it should have been there", async () => {
  const { report, states } = await control(([setpoint = NaN]) => [setpoint / 0.8], 4);
  const last = states.slice(3000).map(({ setpoint, measured }) => (setpoint - measured) ** 2);
  assertEquals(last.length, 1000);
  assertAlmostEquals(report.error, Math.sqrt(last.reduce((sum, square) => sum + square) / 1000), 1e-9);
  assert(report.error > 0 && report.error < 0.5, `the error is ${report.error}`);
});

Deno.test("runPlant() refuses what is not one finite float, says so, and goes on", async () => {
  const answers = [[], [1, 2], [7n], [true], [NaN], [50]];
  let next = 0;
  const { report, refused } = await control(() => answers[next++], 0.1);
  assertEquals([report.received, report.refused, refused.length], [1, 5, 5]);
  assert(Number.isNaN(report.error));
});
