import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Client, connect, type ConnectOptions, type Sample } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
import { runArguments, type Running, start, startFed, startProgram } from "./_cli.ts";
import { assertStuckIsNoticed } from "../controllers/_stuck.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "villas-run-" }));

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

/** Writes a controller; returns its path. */
async function write(name: string, text: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}

/** Runs a controller that faces a node of the test. */
async function face<R extends Running>(
  begin: (...args: string[]) => R,
  path: string,
  signals: NonNullable<ConnectOptions["signals"]>,
  ...args: string[]
) {
  const transport = await openUdp({ local: "udp://127.0.0.1:0" });
  const run = begin("run", path, "--local", "udp://127.0.0.1:0", "--remote", transport.local, ...args);
  const [, local = ""] = await run.expectError(/receiving on (udp:\S+),/);
  await transport.setRemote(local);
  const node = await connect({ transport, signals });
  const dispose = async () => {
    node.close();
    await run[Symbol.asyncDispose]();
  };
  return { node, run, [Symbol.asyncDispose]: dispose };
}

async function receive(node: Client): Promise<Sample> {
  for await (const sample of node) return sample;
  throw new Error("The node is closed");
}

const gain = `export const signals = { in: "f", out: "f" };
export const safe = [-1];
export const parameters = { gain: 2, isOn: true };
export default ([value], { parameters }) => parameters.isOn ? [parameters.gain * value] : undefined;
`;

Deno.test("run answers each sample, prints inputs and outputs, and sends the safe values at an interrupt", {
  timeout: timeLimit,
}, async () => {
  await using faced = await face(start, await write("gain.js", gain), "f", "--stats");
  const { node, run } = faced;
  for (const value of [1.5, 2.5]) {
    await node.send({ sequence: BigInt(10 * value), tsOrigin: { sec: 1, nsec: 2 }, values: [value] });
    const { sequence, tsOrigin, values } = await receive(node);
    assertEquals([sequence, tsOrigin, values], [BigInt(10 * value), { sec: 1, nsec: 2 }, [2 * value]]);
  }
  run.kill("SIGINT");
  assertEquals((await receive(node)).values, [-1]);
  const { code, stdout, stderr } = await run.finish();
  const [first, second, figures] = stdout.trimEnd().split("\n");
  assertEquals([code, first, second], [
    0,
    '{"ts": {"origin": [1, 2]}, "sequence": 15, "data": [1.5, 3.0]}',
    '{"ts": {"origin": [1, 2]}, "sequence": 25, "data": [2.5, 5.0]}',
  ]);
  const { command, sent, control } = JSON.parse(figures ?? "");
  assertEquals([command, sent.samples, control.ending, control.steps, control.outputs, control.safeOutputs], [
    "run",
    3,
    "signal",
    2,
    2,
    1,
  ]);
  assertMatch(
    stderr,
    /Took 2 steps: p50 .*, p99 .*, p99\.9 .*, max .*\n.*Began them late by p50 .*\n.*Sent 2 outputs of steps, and the safe values once\n/,
  );
});

Deno.test("run takes parameters from --set and from lines of standard input, and says what it has understood", {
  timeout: timeLimit,
}, async () => {
  await using faced = await face(startFed, await write("tuned.js", gain), "f", "--set", "gain=3", "--print", "none");
  const { node, run } = faced;
  const answer = async (value: number) => {
    await node.send({ values: [value] });
    return (await receive(node)).values[0];
  };
  assertEquals(await answer(1), 3);
  await run.write("gain = 4\n");
  await run.expectError(/Set gain to 4 \(it was 3\)\n/);
  assertEquals(await answer(1), 4);
  await run.write("gian=5\nisOn=perhaps\n\n");
  await run.expectError(/Unknown parameter "gian": expected gain, isOn\n/);
  await run.expectError(/Cannot set parameter isOn to "perhaps": expected true or false\n/);
  await run.expectError(/Parameters: gain=4, isOn=true\n/);
  // The end of standard input is not that of the controller.
  await run.endInput();
  assertEquals(await answer(2), 8);
  run.kill("SIGTERM");
  assertEquals((await run.finish()).code, 0);
});

Deno.test(
  "run says each fault once, with its line, sends the safe values, and goes on",
  { timeout: timeLimit },
  async () => {
    const path = await write(
      "faulty.ts",
      `export const signals = { in: "f", out: [{ name: "power" }] };
interface Unused {
  value: number;
}
export const safe = { power: 7 };
export default ([value]: [number]) => {
  if (value === 1) return (undefined as unknown as Unused).value;
  if (value === 2) throw new RangeError("too much");
  return value === 3 ? [NaN] : [value];
};
`,
    );
    await using faced = await face(start, path, "f", "--print", "none");
    const { node, run } = faced;
    const seen = [];
    for (const value of [1, 1, 2, 3, 3, 4]) {
      await node.send({ values: [value] });
      seen.push((await receive(node)).values[0]);
    }
    run.kill("SIGINT");
    const { code, stderr } = await run.finish();
    assertEquals([code, seen], [0, [7, 7, 7, 7, 7, 4]]);
    const warnings = stderr.replaceAll(`${folder}/`, "").match(/(?<=warning: ).*/g)?.map((line) =>
      line.replace(/:\d+:\d+:/, (place) => `:${place.split(":")[1]}:`)
    );
    assertEquals(warnings, [
      "faulty.ts:7: TypeError: Cannot read properties of undefined (reading 'value'); sent the safe values instead",
      "faulty.ts:8: RangeError: too much; sent the safe values instead",
      "faulty.ts:6: Value 0 (power) is NaN; sent the safe values instead",
    ]);
    assertStringIncludes(stderr, "Faults: 3 exceptions, 2 values that were not finite\n");
  },
);

Deno.test("run --strict ends with status 1 at the first fault, with the safe values as the last ones", {
  timeout: timeLimit,
}, async () => {
  const path = await write(
    "strict.js",
    "export const safe = [0];\nexport default ([value]) => [1, 2, 3, value][value];\n",
  );
  await using faced = await face(start, path, "f", "--strict", "--print", "none", "--signals", "f");
  const { node, run } = faced;
  await node.send({ values: [0] });
  assertEquals((await receive(node)).values, [1]);
  await node.send({ values: [9] });
  // Nothing for what is undefined, which is no fault; then a text.
  await node.send({ values: [0.5] });
  run.kill("SIGINT");
  assertEquals((await run.finish()).code, 0);
  const broken = await write("broken.js", "export const safe = [0];\nexport default () => ['on'];\n");
  await using other = await face(start, broken, "f", "--strict", "--print", "none", "--signals", "f");
  await other.node.send({ sequence: 3n, values: [0] });
  assertEquals([(await receive(other.node)).values, (await receive(other.node)).values], [[0], [0]]);
  const { code, stderr } = await other.run.finish();
  assertEquals(code, 1);
  assertMatch(stderr, /error: .*broken\.js:2: Value 0 is a JavaScript string, not float\n$/);
});

Deno.test(
  "run takes what a controller throws outside of its steps for a fault, and goes on",
  { timeout: timeLimit },
  async () => {
    const path = await write(
      "escape.js",
      `export const safe = [5];
export default ([value]) => {
  if (value === 1) setTimeout(() => { throw new Error("in a timer"); }, 0);
  if (value === 2) Promise.reject(new Error("in a promise"));
  return [value];
};
`,
    );
    await using faced = await face(start, path, "f", "--print", "none", "--signals", "f");
    const { node, run } = faced;
    for (const value of [1, 2]) {
      await node.send({ values: [value] });
      assertEquals([(await receive(node)).values, (await receive(node)).values], [[value], [5]]);
    }
    await node.send({ values: [3] });
    assertEquals((await receive(node)).values, [3]);
    run.kill("SIGINT");
    const { code, stderr } = await run.finish();
    assertEquals(code, 0);
    assertMatch(stderr, /escape\.js:3:\d+: Error: in a timer; sent the safe values instead\n/);
    assertMatch(stderr, /escape\.js:4:\d+: Error: in a promise; sent the safe values instead\n/);
  },
);

Deno.test("run notices a step that never returns: safe values from another thread, and status 1", {
  timeout: timeLimit,
}, async () => {
  const env = Deno.env.toObject();
  await assertStuckIsNoticed((...args) => startProgram(Deno.execPath(), runArguments(...args), folder, env), folder);
});

Deno.test("run --watch takes a saved file over with the state, and keeps the old one while the new one is broken", {
  timeout: timeLimit,
}, async () => {
  const text = (factor: number) =>
    `export default ([value], { state }) => [(state.count = (state.count ?? 0) + 1), ${factor} * value];\n`;
  const path = await write("watched.js", text(1));
  await using faced = await face(start, path, "2f", "--watch", "--print", "none", "--signals-out", "2f");
  const { node, run } = faced;
  const answer = async () => {
    await node.send({ values: [10, 0] });
    return (await receive(node)).values;
  };
  assertEquals(await answer(), [1, 10]);
  await Deno.writeTextFile(path, "export default ([value]) => [value\n");
  await run.expectError(/Keeping the controller that runs: .*watched\.js:/);
  assertEquals(await answer(), [2, 10]);
  // As an editor does it: a new file takes the name.
  await Deno.writeTextFile(`${path}~`, text(3));
  await Deno.rename(`${path}~`, path);
  await run.expectError(/Replaced the controller by /);
  assertEquals(await answer(), [3, 30]);
  run.kill("SIGINT");
  const { code, stderr } = await run.finish();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "Replaced the controller once\n");
});

Deno.test("run gives up a file that waits at its top for what does not come at an interrupt, and says that it waits", {
  timeout: timeLimit,
}, async () => {
  const path = await write("waiting.js", `await new Promise(() => {});\n${gain}`);
  await using run = start("run", path, "--plant");
  await run.expectError(/Still loading .*waiting\.js: it waits at its top\n/);
  run.kill("SIGINT");
  assertEquals((await run.finish()).code, 0);
});

Deno.test("run --watch ends while a new version waits at its top, or in its init, for what does not come", {
  timeout: timeLimit,
}, async () => {
  for (const waiting of ["await new Promise(setNever);", "export const init = () => new Promise(setNever);"]) {
    const never = 'const setNever = () => console.error("It waits");\n';
    const path = await write("stalled.js", gain);
    await using faced = await face(start, path, "f", "--watch", "--print", "none");
    await faced.node.send({ values: [10] });
    assertEquals((await receive(faced.node)).values, [20]);
    await Deno.writeTextFile(path, `${never}${waiting}\n${gain}`);
    await faced.run.expectError(/It waits/);
    faced.run.kill("SIGINT");
    assertEquals((await receive(faced.node)).values, [-1]);
    assertEquals((await faced.run.finish()).code, 0);
  }
});

Deno.test("run --rate takes steps on a grid with the newest sample, --log records them, and --count ends them", {
  timeout: timeLimit,
}, async () => {
  const path = await write("rate.js", `${gain}\n`);
  const log = `${folder}/rate.csv`;
  await using faced = await face(start, path, "f", "--rate", "200", "--count", "40", "--log", log, "--print", "none");
  const { node, run } = faced;
  await node.send({ sequence: 99n, values: [4] });
  const numbers = [];
  for (let index = 0; index < 40; index++) {
    const { sequence, values } = await receive(node);
    assertEquals(values, [8]);
    numbers.push(sequence);
  }
  assertEquals(numbers, Array.from({ length: 40 }, (_, index) => BigInt(index)));
  assertEquals((await receive(node)).values, [-1]);
  const { code, stderr } = await run.finish();
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "Age of the input p50 ");
  assertMatch(stderr, /Recorded 40 samples in .*rate\.csv\n/);
  const [header, ...lines] = (await Deno.readTextFile(log)).trimEnd().split("\n");
  assertEquals(header, "# secs,nsecs,offset,sequence,in.signal0,out.signal0");
  assertEquals(lines.map((line) => line.split(",").slice(3, 5).map(Number)), lines.map((_, index) => [index, 4]));
  assertEquals(lines.length, 40);
});

Deno.test("run ends with status 124 when no sample comes within --timeout", { timeout: timeLimit }, async () => {
  await using faced = await face(start, await write("alone.js", gain), "f", "--timeout", "200ms");
  assertEquals((await receive(faced.node)).values, [-1]);
  const { code, stderr } = await faced.run.finish();
  assertEquals(code, 124);
  assertStringIncludes(stderr, "error: No sample arrived for 0.2 s\n");
});

Deno.test("run --plant controls the plant of demo plant in the same process", { timeout: timeLimit }, async () => {
  const path = await write(
    "plant.ts",
    "let sum = 0;\nexport default ([setpoint, measured]: number[], { dt }: { dt: number }) => {\n" +
      "  sum += 5 * (setpoint! - measured!) * dt;\n  return [2 * (setpoint! - measured!) + sum];\n};\n",
  );
  await using run = start("run", "--plant", path, "--duration", "1.5", "--max-rate", "10");
  const { code, stdout, stderr } = await run.finish();
  assertEquals(code, 0, stderr);
  const samples = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).data);
  assert(samples.length > 5);
  const [setpoint, measured] = samples.at(-1);
  // How near it comes, and how soon, is up to the machine.
  assert(setpoint === 230 && measured > 115, stdout);
  assertMatch(stderr, /The plant sent \d+ samples and received \d+\n/);
});

Deno.test(
  "run --new writes a controller that --plant runs, and never over a file",
  { timeout: timeLimit },
  async () => {
    const path = `${folder}/new.ts`;
    await using first = start("run", "--new", "pi", path);
    const { code, stderr } = await first.finish();
    assertEquals([code, stderr], [0, `villas-client: Wrote ${path}: a PI controller for the plant of --plant\n`]);
    await using second = start("run", "--new", "pi", path);
    const again = await second.finish();
    assertEquals(again.code, 2);
    assertStringIncludes(again.stderr, `Cannot write ${path}: it exists already\n`);
    await using third = start("run", "--new", "pi", `${folder}/none/pi.ts`);
    const { code: status, stderr: message } = await third.finish();
    assertEquals([status, message], [
      1,
      `villas-client: error: Cannot write ${folder}/none/pi.ts: there is no such folder\n`,
    ]);
  },
);

const linked = await write("linked.js", `export const links = { grid: {}, load: {} };\n${gain}`);

testWrongUsages([
  [["run"], "FILE is missing: give a controller, or --new TEMPLATE to have one to begin with"],
  [["run", "none.ts"], "Cannot read none.ts: there is no such file or folder"],
  [["run", "data.csv"], "Cannot load data.csv: expected a module, a file that ends in .ts, .mts, .js or .mjs"],
  [["run", "--plant", "--format", "json", "a.ts"], "Cannot use --plant with --format"],
  [["run", "--plant", linked], `Cannot use --plant: ${linked} has links of its own`],
  [["run", "--new", "pid"], 'Cannot set --new to "pid": did you mean pi?'],
  [["run", "--plant", "--remote", "udp://127.0.0.1:1", "a.ts"], "Cannot use --plant with --remote"],
]);
