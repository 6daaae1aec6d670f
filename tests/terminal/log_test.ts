import { assert, assertEquals, assertMatch } from "@std/assert";
import { createKeptLog } from "./_kept_log.ts";

Deno.test("createLog() shows messages from its level on, each with its level unless it is info", () => {
  const { log, kept } = createKeptLog("info", false);
  log.debug("one");
  log.info("two");
  log.warning("three");
  log.error("four");
  assertEquals(kept.text, "villas-client: two\nvillas-client: warning: three\nvillas-client: error: four\n");
});

Deno.test("createLog() puts a message into one line, and lets nothing in it give orders to the terminal", () => {
  const { log, kept } = createKeptLog("info", false);
  log.error('Cannot read a.json: "{\n  x\r\n}\n" is not JSON');
  log.warning("station\tA\x1b]0;title\x07");
  log.info("ends with a line feed\n");
  assertEquals(
    kept.text,
    'villas-client: error: Cannot read a.json: "{ x } " is not JSON\n' +
      "villas-client: warning: station A?]0;title?\nvillas-client: ends with a line feed\n",
  );
});

Deno.test("Log.debug() keeps the lines of a stack", () => {
  const { log, kept } = createKeptLog("debug", false);
  log.debug("Error: x\n    at a.ts:1:1\x1b[2J");
  assertEquals(kept.text, "villas-client: debug: Error: x\n    at a.ts:1:1?[2J\n");
});

Deno.test("Log.throttled() writes one message per second and counts the rest", () => {
  const { log, kept } = createKeptLog("info", false);
  const throttled = log.throttled("warning");
  for (let i = 0; i < 5; i++) throttled.log(`message ${i}`);
  throttled.flush();
  throttled.flush();
  assertEquals(
    kept.text,
    "villas-client: warning: message 0\nvillas-client: warning: 4 more messages like the last one\n",
  );
});

Deno.test("Log.throttled() throttles each kind of message by itself", () => {
  const { log, kept } = createKeptLog("info", false);
  log.throttled("warning").log("one");
  log.throttled("warning").log("two");
  assertMatch(kept.text, /one\n.*two\n$/);
});

Deno.test("Log.status() rewrites one line, which messages appear above", () => {
  const { log, kept } = createKeptLog("info", true);
  assert(log.hasStatus);
  const [first, second] = ["\x1b[?7lone\x1b[?7h", "\x1b[?7ltwo\x1b[?7h"];
  log.status("one");
  log.status("two");
  log.info("message");
  log.status("");
  log.status("");
  log.info("last");
  const clear = "\r\x1b[K";
  assertEquals(
    kept.text,
    `${first}${clear}${second}${clear}villas-client: message\n${second}${clear}villas-client: last\n`,
  );
});

Deno.test("Log.status() lets no file's name give orders to the terminal", () => {
  const { log, kept } = createKeptLog("info", true);
  log.status("a\x1b[2J\nb\x9bc\u00fc");
  assertEquals(kept.text, "\x1b[?7la?[2J?b?c\u00fc\x1b[?7h");
});

for (const [level, isTerminal] of [["info", false], ["warning", true], ["off", true]] as const) {
  Deno.test(`Log.status() shows nothing at level ${level} ${isTerminal ? "on a terminal" : "in a pipe"}`, () => {
    const { log, kept } = createKeptLog(level, isTerminal);
    assertEquals(log.hasStatus, false);
    log.status("one");
    assertEquals(kept.text, "");
  });
}
