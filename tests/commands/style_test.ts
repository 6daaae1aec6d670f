import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "./_cli.ts";
import { isInstalled } from "../terminal/_shells.ts";

const root = new URL("../../", import.meta.url);

/** Runs the executable on a terminal; what the terminal shows of both streams. */
async function runOnTerminal(env: Record<string, string>, ...args: string[]): Promise<string> {
  const config = new URL("deno.json", root).pathname;
  const line = [Deno.execPath(), "run", "-q", `--config=${config}`, "-A", new URL("cli.ts", root).pathname, ...args];
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", line.map((word) => `'${word}'`).join(" "), "/dev/null"],
    stdin: "null",
    // Whatever the tests themselves are run with.
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "/", TERM: "xterm", ...env },
  }).output();
  return new TextDecoder().decode(stdout);
}

const hasScript = await isInstalled("script");

Deno.test({
  name: "on a terminal, headings of the help are bold and errors are red",
  ignore: !hasScript,
  async fn() {
    assertStringIncludes(await runOnTerminal({}, "echo", "--help"), "\n\x1b[1mOptions:\x1b[22m\r\n");
    assertStringIncludes(await runOnTerminal({}, "--help"), "\n\x1b[1mCommands:\x1b[22m\r\n");
    assertStringIncludes(
      await runOnTerminal({}, "echo", "--remot", "x"),
      "villas-client: \x1b[1m\x1b[31merror:\x1b[39m\x1b[22m Unknown option --remot: did you mean --remote?",
    );
  },
});

Deno.test({
  name: "with NO_COLOR there is no colour on a terminal",
  ignore: !hasScript,
  async fn() {
    const shown = await runOnTerminal({ NO_COLOR: "1" }, "echo", "--help");
    assertMatch(shown, /^Options:\r$/m);
    assertEquals(shown.includes("\x1b"), false);
    assertMatch(await runOnTerminal({ NO_COLOR: "1" }, "ecko"), /^villas-client: error: Unknown command ecko/);
  },
});

Deno.test("what goes into a pipe has no colour", async () => {
  const { stdout } = await run("--help");
  const { stderr } = await run("ecko");
  assertEquals(`${stdout}${stderr}`.includes("\x1b"), false);
});
