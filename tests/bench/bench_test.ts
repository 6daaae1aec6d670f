/**
 * That the bench still runs: what it measures in a moment means nothing, but every group has its figures then.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";

const root = new URL("../../", import.meta.url);
const main = new URL("./main.ts", import.meta.url).pathname;

/** Runs the bench, which has a folder for what is temporary to itself. */
async function bench(folder: string, ...args: string[]) {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", `--config=${new URL("deno.json", root).pathname}`, main, ...args],
    env: { NO_COLOR: "1", TMPDIR: folder },
  });
  const { code, stdout, stderr } = await command.output();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, output, errors };
}

Deno.test({
  name: "the bench measures every group, judges its targets and leaves nothing behind",
  // Drops and memory are read from /proc; what else is missing, the bench says and leaves out.
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const { code, output, errors } = await bench(folder, "--quick", "--json", `${folder}/figures.json`);
      assertEquals(code, 0, errors);
      const { figures, targets, warnings } = JSON.parse(await Deno.readTextFile(`${folder}/figures.json`));
      assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["figures.json"]);
      const groups = new Set(figures.map(({ group }: { group: string }) => group));
      assertEquals([...groups], [
        "codec",
        "echo",
        ...figures.some(({ group }: { group: string }) => group === "answers") ? ["answers"] : [],
        "bridge",
        "run",
        "receiving",
        "formats",
        "start-up",
        "growth",
        "memory",
        "links",
      ]);
      for (const { task, subject, runs } of figures) {
        // What each further value takes is a difference, which may be below 0 in a run of a moment.
        const isPlausible = (value: number) => value >= 0 || task.startsWith("each value");
        assert(runs.length > 0 && runs.every(isPlausible), `${task}, ${subject}: ${runs}`);
      }
      assert(targets.length > 10);
      for (const { what } of targets) assert(output.includes(what), what);
      for (const warning of warnings) {
        assert(errors.includes(warning), warning);
        if (warning.includes("left out")) console.warn(`SKIPPED: ${warning}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the bench names its groups to who asks for another one", async () => {
  const { code, errors } = await bench("", "codecs");
  assertEquals(code, 2);
  assertMatch(errors, /There is no group codecs: there are codec, echo, /);
});

Deno.test("the bench refuses turns that are none", async () => {
  for (
    const [option, expected] of [["--turns=0", /Cannot set --turns to "0"/], ["--seconds=x", /Cannot set --seconds/]]
  ) {
    const { code, errors } = await bench("", String(option), "codec");
    assertEquals(code, 2);
    assertMatch(errors, expected as RegExp);
  }
});
