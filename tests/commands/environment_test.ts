import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandHelp } from "../../lib/terminal/help.ts";
import { echoCommand } from "../../lib/commands/echo.ts";
import { commands } from "../../lib/commands/table.ts";

const root = new URL("../../", import.meta.url);

/** Runs the executable with nothing else in its environment. */
async function runWith(env: Record<string, string>, permissions: string[], ...args: string[]) {
  const config = new URL("deno.json", root).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", `--config=${config}`, ...permissions, new URL("cli.ts", root).pathname, ...args],
    clearEnv: true,
    env: { HOME: Deno.env.get("HOME") ?? "/", NO_COLOR: "1", DENO_DIR: Deno.env.get("DENO_DIR") ?? "", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const wait = ["--timeout", "1ms"];

Deno.test("VILLAS_LOCAL, VILLAS_REMOTE and VILLAS_LOG_LEVEL stand for options that are not given", async () => {
  const env = {
    VILLAS_LOCAL: "udp://127.0.0.1:0",
    VILLAS_REMOTE: "udp://127.0.0.1:41",
    VILLAS_LOG_LEVEL: "debug",
    VILLAS_SIGNALS: "", // as good as none
  };
  const { code, stderr } = await runWith(env, ["-A"], "echo", ...wait);
  assertEquals(code, 124);
  assertMatch(stderr, /debug: Receiving on udp:\/\/127\.0\.0\.1:\d+, sending to udp:\/\/127\.0\.0\.1:41,/);
});

Deno.test("an option that is given has precedence over its variable, even over a wrong one", async () => {
  const env = { VILLAS_LOCAL: "nonsense", VILLAS_REMOTE: "udp://127.0.0.1:41" };
  const args = ["--local", "udp://127.0.0.1:0", "--remote", "udp://127.0.0.1:42"];
  const { code, stderr } = await runWith(env, ["-A"], "echo", ...args, ...wait);
  assertEquals(code, 124);
  assertMatch(stderr, /sending back to udp:\/\/127\.0\.0\.1:42\n/);
});

Deno.test("a wrong value is said to be that of the variable", async () => {
  const { code, stderr } = await runWith({ VILLAS_SIGNALS: "3x" }, ["-A"], "echo");
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Cannot set --signals (from VILLAS_SIGNALS) to "3x": Cannot parse "3x" as a signal');
});

Deno.test("variables that do not fit to the rest of the command line are named", async () => {
  const { code, stderr } = await runWith({ VILLAS_REMOTE: "udp://127.0.0.1:41" }, ["-A"], "echo", "unix");
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Cannot use "udp://127.0.0.1:41" with unix');
  assertStringIncludes(stderr, "error: Options were taken from the environment: VILLAS_REMOTE\n");
});

Deno.test("variables that Deno may not read are as good as none, and nobody is asked", async () => {
  // Its own files, too: in a checkout, Deno asks for them as for any file where they are imported late.
  const permissions = ["--allow-net", "--allow-env=NO_COLOR", `--allow-read=${root.pathname}`];
  const args = ["--local", "udp://127.0.0.1:0", "--remote", "udp://127.0.0.1:42"];
  const { code, stderr } = await runWith({ VILLAS_SIGNALS: "3x" }, permissions, "echo", ...args, ...wait);
  assertEquals(code, 124);
  assertEquals(/prompt|permission|env access/i.test(stderr), false);
});

Deno.test("signal sends nowhere for a variable alone: it prints", async () => {
  const env = { VILLAS_REMOTE: "udp://127.0.0.1:41" };
  const { code, stdout, stderr } = await runWith(env, ["-A"], "signal", "sine", "--count", "1", "--no-realtime");
  assertEquals([code, /Sending/.test(stderr)], [0, false]);
  assertMatch(stdout, /\(0\)\t0\.0/);
});

Deno.test("the help of an option names its variable", async () => {
  assertMatch(
    commandHelp(echoCommand),
    /--local ADDRESS\s+receive on this address \(default: \$VILLAS_LOCAL,\s+else\s+udp:\/\//,
  );
  const variables = new Map<string, string>();
  for (const { load } of commands) {
    for (const [name, { env }] of Object.entries((await load()).options)) {
      if (env === undefined) continue;
      assertMatch(env, /^VILLAS_[A-Z_]+$/);
      // One variable stands for one option, whatever the command.
      assertEquals(variables.get(env) ?? name, name);
      variables.set(env, name);
    }
  }
});

Deno.test("a variable holds in every command that has its option for a link", async () => {
  const variables = {
    local: "VILLAS_LOCAL",
    remote: "VILLAS_REMOTE",
    format: "VILLAS_FORMAT",
    signals: "VILLAS_SIGNALS",
  };
  const missing: string[] = [];
  for (const { name, load } of commands) {
    const { options } = await load();
    for (const [option, variable] of Object.entries(variables)) {
      if (options[option] !== undefined && options[option].env !== variable) missing.push(`${name} --${option}`);
    }
  }
  // Of files and pictures, of commands that receive from every address, and of one that prints unless it is told where to
  // send.
  assertEquals(missing, [
    "recv --remote",
    "watch --remote",
    "convert --signals",
    "info --signals",
    "signal --remote",
    "compare --format",
    "compare --signals",
    "node --format",
  ]);
});

Deno.test("VILLAS_FORMAT is the format of rtt, and that of signal only where it sends", async () => {
  const env = { VILLAS_FORMAT: "jsn" };
  for (const args of [["rtt"], ["signal", "sine", "--remote", "41"]]) {
    const { code, stderr } = await runWith(env, ["-A"], ...args);
    assertEquals(code, 2);
    assertStringIncludes(stderr, 'Cannot set --format (from VILLAS_FORMAT) to "jsn": did you mean json?');
  }
  assertEquals((await runWith(env, ["-A"], "signal", "sine", "-nl1")).code, 0);
});
