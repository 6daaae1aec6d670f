/**
 * Senders whose remote no route leads to: they run in a network namespace of their own, which has no network at all.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import { runArguments } from "./_cli.ts";

const isolate = ["unshare", "--map-root-user", "--net"];

/** Whether this system gives a process a network namespace of its own. */
async function canIsolate(): Promise<boolean> {
  try {
    const [program = "", ...args] = isolate;
    return (await new Deno.Command(program, { args: [...args, "true"] }).output()).success;
  } catch {
    return false;
  }
}

const ignore = !await canIsolate();
if (ignore) {
  console.warn("IGNORED: senders without a route, because unshare cannot create a network namespace here");
}

const senders: readonly (readonly string[])[] = [
  ["send", "--values", "1"],
  ["signal", "sine", "-n", "-l", "3", "--print", "none"],
  ["rtt", "--count", "3", "--rate", "100", "--calibration", "0", "--cooldown", "0.05"],
];

for (const remote of ["udp://203.0.113.1:9", "udp://[2001:db8::1]:9"]) {
  for (const sender of senders) {
    Deno.test(`${sender[0]} says that no route leads to ${remote}, with status 1`, { ignore }, async () => {
      const line = [...isolate, Deno.execPath(), ...runArguments(...sender, "--remote", remote)];
      const [program = "", ...args] = line;
      const { code, stderr } = await new Deno.Command(program, { args, env: { NO_COLOR: "1" } }).output();
      const text = new TextDecoder().decode(stderr);
      assertEquals(code, 1, text);
      assertMatch(text, /^villas-client: error: .*no route leads to udp:\/\/\S+:9$/m);
    });
  }
}
