/**
 * README.md, executed: every command of the page is typed into a shell, every program is run, and what the page shows is
 * compared with what is seen.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { parseSignals } from "@villas/client";
import { clientSettingsForNode, createNodeConfig, parseLibconfig } from "@villas/client/villasnode";
import { findDifference, parsePage, type Section, type Step } from "./_page.ts";
import { openSession } from "./_session.ts";

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname).replace(/\/$/, "");
const sections = parsePage(await Deno.readTextFile(`${root}/README.md`));
const tasks: Record<string, unknown> = JSON.parse(await Deno.readTextFile(`${root}/deno.json`)).tasks;

/** Tasks that a test cannot start, and where they are executed instead. */
const tasksElsewhere: Readonly<Record<string, string>> = {
  test: ".ci/run", // it is what runs here
  ok: ".ci/run", // "verify" and "test"
  compile: "tests/ship/_executable.ts",
  "compile:all": ".ci/compile.ts", // downloads the runtime of each system
  page: "tests/scope/page_bundle_test.ts",
  "test:recordings": ".ci/run", // a part of it, by RECORDING_SCALE
  fuzz: "tests/fuzz.ts", // takes minutes; the formats' tests do the same with fewer
  bench: "tests/bench/bench_test.ts", // takes minutes; the test runs a short one
};

/** What stands in for what is elsewhere, as each command is typed otherwise as it stands on the page. */
const standIns: readonly [RegExp, string][] = [
  [/^(?:npx -y deno@[\d.]+|deno) task demo$/, `cd '${root}' && deno task -q demo; cd - >/dev/null`],
  [/^(?:npx -y deno@[\d.]+|deno) task .*/, "true"],
  [/^npx -y deno@[\d.]+ run -A cli\.ts/, `deno run -q -A --config='${root}/deno.json' '${root}/cli.ts'`],
  [/https:\/\/HOST\/villas-client/g, `file://${root}`], // over HTTP in tests/ship/url_test.ts
  [/^deno install -gA .*/, "$& && installed/bin/villas-client --version"],
  [/^deno install -gA/, "deno install -qgA --root installed --import-map map.json"],
  [/jsr:@villas\/client\/cli/g, `'${root}/cli.ts'`],
];

/** What ends with another status than 0. */
const statuses: readonly [RegExp, number][] = [
  [/^villas-client doctor --config/, 1],
  [/^villas-client compare run2\.json late\.csv/, 2],
];

function typed({ command }: Step): string {
  return standIns.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), command);
}

async function hasBash(): Promise<boolean> {
  try {
    return (await new Deno.Command("bash", { args: ["-c", "true"] }).output()).success;
  } catch {
    console.warn("IGNORED: the commands of README.md are not executed, because bash is missing");
    return false;
  }
}

const ignore = !await hasBash();

// The sections are independent, and most of their time is that of the links they show: they go side by side.
Deno.test("README.md: every command does what the page shows", { ignore }, async () => {
  await Promise.all(sections.filter(({ steps }) => steps.length > 0).map(execute));
});

async function execute(section: Section): Promise<void> {
  await using session = await openSession(section);
  const outcomes = await session.type(section.steps.map(typed));
  assertEquals(
    outcomes.length,
    section.steps.length,
    `${section.title}: ended behind ${JSON.stringify(outcomes.at(-1))}`,
  );
  for (const [index, { command, seen }] of section.steps.entries()) {
    const { status = -1, lines = [] } = outcomes[index] ?? {};
    const expected = statuses.find(([pattern]) => pattern.test(command))?.[1] ?? 0;
    assertEquals(status, expected, `${section.title}:\n$ ${command}\n${lines.join("\n")}`);
    const difference = seen && findDifference(seen, lines);
    assertEquals(difference, undefined, `${section.title}:\n$ ${command}\n${lines.join("\n")}`);
  }
}

Deno.test("README.md: the tasks that it names exist, and are executed elsewhere if not here", async () => {
  const named = sections.flatMap(({ steps }) => steps).flatMap(({ command }) => {
    return /^(?:npx -y deno@[\d.]+|deno) task (\S+)/.exec(command)?.[1] ?? [];
  });
  assert(named.length > 0);
  for (const name of named) {
    assert(name in tasks, name);
    const elsewhere = tasksElsewhere[name];
    if (name === "demo") continue;
    assert(elsewhere !== undefined, `Nothing executes the task ${name}`);
    await Deno.stat(`${root}/${elsewhere}`);
  }
});

Deno.test("README.md: the programs pass the strictest checks, and those without a name print what they say", async () => {
  const files = sections.flatMap(({ files }) => files).filter(({ language }) => language === "ts");
  await using session = await openSession({ files });
  const names = files.map(({ name }, index) => name ?? `unnamed${index}.ts`);
  const { code, output } = await session.deno("check", "-q", "--unstable-net", ...names);
  assertEquals(code, 0, output);
  await Promise.all(files.map(async ({ name, text }, index) => {
    if (name !== undefined) return; // a command runs it
    const { code, output } = await session.deno("run", "-q", "--no-prompt", `unnamed${index}.ts`);
    assertEquals(code, 0, output);
    const printed = output.split("\n").map((line) => line.replaceAll(" ", ""));
    const said = [...text.matchAll(/^\s*console\.log\(.*\);(?: \/\/ (.*))?$/gm)].map(([, comment = ""]) => comment);
    assert(said.length > 0);
    for (const [line, comment] of said.entries()) {
      const wanted = comment.split(": nothing")[0]?.replaceAll(" ", "");
      if (comment !== "") assertEquals(printed[line], wanted, text);
    }
  }));
});

Deno.test("README.md: the configuration is that of the other end of a client with the defaults", () => {
  const [file] = sections.flatMap(({ files }) => files).filter(({ language }) => language === "libconfig");
  assert(file !== undefined);
  // The file says where on this machine the client is, not that it receives from all networks.
  const description = { local: "udp://127.0.0.1:12001", remote: "udp://127.0.0.1:12000", format: "protobuf" };
  const out = parseSignals("f");
  const received = parseSignals([{ name: "setpoint" }, { name: "measured" }]);
  const settings = clientSettingsForNode(parseLibconfig(file.text), "client");
  const { notes: _noPath, ...printed } = clientSettingsForNode(
    createNodeConfig({ ...description, signals: { out } }),
    "client",
  );
  assertEquals(printed, { ...description, signals: { out } });
  assertEquals(settings, { ...description, signals: { in: received, out } });
});

Deno.test("findDifference() sees what is missing, what comes on top, and another word, but no other number", () => {
  const seen = ["villas-client: Took 3 in 1.5 ms", "a 1", "b", "c"];
  assertEquals(findDifference(["villas-client: Took 70 in 2 s", "a -2e9", "b", "c"], seen), undefined);
  assertEquals(findDifference(["a 1", "...", "c"], seen), undefined);
  for (
    const page of [["villas-client: Took 3", "a 1", "b", "c"], ["...", "d"], ["villas-client: Took 1 s", "a 1", "b"]]
  ) {
    assert(findDifference(page, seen) !== undefined, String(page));
  }
});
