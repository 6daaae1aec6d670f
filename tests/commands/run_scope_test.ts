import { assertEquals } from "@std/assert";
import { type Client, connect } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
import { Visitor } from "../scope/_visitor.ts";
import { type Fed, startFed } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "villas-run-scope-" }));

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}

/** Runs a controller that faces a node of the test, with a page that looks at it. */
async function look(path: string, ...args: string[]) {
  const stack = new AsyncDisposableStack();
  const transport = await openUdp({ local: "udp://127.0.0.1:0" });
  const ends = ["--local", "udp://127.0.0.1:0", "--remote", transport.local];
  const run: Fed = stack.use(startFed("run", path, ...ends, "--scope", "--print", "none", ...args));
  const [, local = ""] = await run.expectError(/receiving on (udp:\S+),/);
  const [, url = ""] = await run.expectError(/Showing it at (http:\S+)/);
  await transport.setRemote(local);
  const node = stack.use(await connect({ transport, signals: "2f" }));
  const visitor = stack.use(new Visitor({ url }));
  return { ...{ run, node, visitor }, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends a sample; returns the values that answer it. */
async function ask(node: Client, ...values: number[]) {
  await node.send({ values });
  const [[answer] = []] = await node.receive({ limit: 1, timeout: 20 });
  return answer?.values;
}

const request = { type: "picture", source: 0, timebase: "received", pixels: 100, statistics: [], window: { span: 60 } };

const tuned = `export const signals = { in: [{ name: "level", unit: "m" }], out: "f" };
export const parameters = { gain: 2, isOn: true, mode: "auto" };
export const ranges = { gain: [0, 10] };
export default ([level], { parameters: { gain, isOn } }) => [isOn ? gain * level : 0];
`;

Deno.test("run --scope shows inputs, outputs and parameters, and sets the parameters that a page sets", {
  timeout: timeLimit,
}, async () => {
  await using looked = await look(await write("tuned.js", tuned));
  const { run, node, visitor } = looked;
  const { sources: [source], controls } = await visitor.takeOf("hello");
  assertEquals([source?.name, source?.isLive], [`${folder}/tuned.js`, true]);
  assertEquals(source?.channels.map(({ name, unit, type }) => [name, unit, type]), [
    ["level", "m", "float"],
    ["signal0", "", "float"],
    ["gain", "", "float"],
    ["isOn", "", "boolean"],
  ]);
  assertEquals(controls, [
    { name: "gain", type: "float", range: [0, 10], value: 2 },
    { name: "isOn", type: "boolean", value: 1 },
  ]);
  assertEquals(await ask(node, 1.5), [3]);
  assertEquals((await visitor.takeOf("controls")).holder, "nobody");
  visitor.send({ type: "hold", holds: true });
  await visitor.takeOf("controls", ({ holder }) => holder === "you");
  visitor.send({ type: "set", values: [3, 1], revision: 0 });
  await visitor.takeOf("controls", ({ sent }) => sent === 1);
  assertEquals(await ask(node, 1.5), [4.5]);
  visitor.send({ ...request, id: 1, channels: [0, 1, 2, 3] });
  const { times, values } = await visitor.takeRows(1);
  assertEquals(times.length, 2);
  assertEquals(values.map((column) => [...column]), [[1.5, 1.5], [3, 4.5], [2, 3], [1, 1]]);
  run.kill("SIGINT");
  assertEquals((await run.finish()).code, 0);
});

Deno.test("run --scope tells the page of a line of standard input, which a page that has not seen it cannot undo", {
  timeout: timeLimit,
}, async () => {
  await using looked = await look(await write("typed.js", tuned));
  const { run, node, visitor } = looked;
  await visitor.takeOf("hello");
  visitor.send({ type: "hold", holds: true });
  await visitor.takeOf("controls", ({ holder }) => holder === "you");
  await run.write("gain=4\n");
  const { values, revision, holder } = await visitor.takeOf("controls", ({ values: [gain] }) => gain === 4);
  assertEquals([values, revision, holder], [[4, 1], 1, "you"]);
  visitor.send({ type: "set", values: [5, 1], revision: 0 });
  // What is outside of the range becomes its end.
  visitor.send({ type: "set", values: [50, 0], revision });
  assertEquals((await visitor.takeOf("controls", ({ sent }) => sent === 1)).values, [10, 0]);
  assertEquals(await ask(node, 7), [0]);
  await run.write("gain=11\n\n");
  await run.expectError(/Cannot set parameter gain to 11: its range is 0 to 10\n/);
  await run.expectError(/Parameters: gain=10, isOn=false, mode=auto\n/);
});

Deno.test(
  "run --scope --watch shows the parameters of the file as it was saved last",
  { timeout: timeLimit },
  async () => {
    const text = (parameters: string) =>
      `export const parameters = ${parameters};
export default ([value], { parameters }) => [Object.values(parameters)[0] * value, 0];
`;
    const path = await write("watched.js", text("{ a: 2 }"));
    await using looked = await look(path, "--watch");
    const { run, node, visitor } = looked;
    const { sources, controls } = await visitor.takeOf("hello");
    // Nothing says how many values there are.
    assertEquals([sources[0]?.channels, controls?.map(({ name }) => name)], [[], ["a"]]);
    assertEquals(await ask(node, 3), [6, 0]);
    visitor.send({ ...request, id: 1, channels: [0, 1, 2, 3] });
    const namesOf = async () => (await visitor.takeOf("hello")).sources[0]?.channels.map(({ name }) => name);
    assertEquals(await namesOf(), ["in.signal0", "out.signal0", "out.signal1", "a"]);
    assertEquals((await visitor.takeRows(1)).values.map((column) => [...column]), [[3], [6], [0], [2]]);
    await Deno.writeTextFile(path, text("{ b: 5, isOn: false }"));
    await run.expectError(/Replaced the controller by /);
    assertEquals((await visitor.takeOf("hello")).controls?.map(({ name }) => name), ["b", "isOn"]);
    assertEquals(await ask(node, 3), [15, 0]);
    visitor.send({ ...request, id: 2, channels: [0] });
    assertEquals(await namesOf(), ["in.signal0", "out.signal0", "out.signal1", "b", "isOn"]);
  },
);

const outside = await write("outside.js", tuned.replace("[0, 10]", "[0, 1]"));

testWrongUsages([
  [["run", "--scope=here", "a.ts"], "...expected HOST:PORT..."],
  [["run", "--new", "pi", "--scope"], "Cannot use --new with --scope"],
  [
    ["run", "--local", "udp://127.0.0.1:0", outside],
    `Cannot use ${outside}: its parameter gain is 2, which is outside of its range 0 to 1`,
  ],
]);
