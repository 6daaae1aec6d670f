import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { protobuf } from "@villas/client/formats";
import { createLog, type LogLevel } from "../../lib/terminal/log.ts";
import { plainStyle } from "../../lib/terminal/style.ts";
import { describeProgress, showProgress } from "../../lib/terminal/progress.ts";
import { face } from "./_recv.ts";
import { hasTerminal, startOnTerminal } from "./_terminal.ts";

const ignore = !await hasTerminal();

/** A log whose output is kept. */
function createKept(level: LogLevel, isTerminal: boolean) {
  const kept = { text: "" };
  const log = createLog(level, plainStyle, {
    writeSync(bytes) {
      kept.text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
    isTerminal: () => isTerminal,
  });
  return { log, kept };
}

Deno.test("Log.status() rewrites one line, which messages appear above", () => {
  const { log, kept } = createKept("info", true);
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
  const { log, kept } = createKept("info", true);
  log.status("a\x1b[2J\nb\x9bc\u00fc");
  assertEquals(kept.text, "\x1b[?7la?[2J?b?c\u00fc\x1b[?7h");
});

for (const [level, isTerminal] of [["info", false], ["warning", true], ["off", true]] as const) {
  Deno.test(`Log.status() shows nothing on level ${level} ${isTerminal ? "on a terminal" : "where no person watches"}`, () => {
    const { log, kept } = createKept(level, isTerminal);
    assertEquals(log.hasStatus, false);
    using _progress = showProgress(log, () => {
      throw new Error("nobody asks");
    });
    log.status("one");
    assertEquals(kept.text, "");
  });
}

Deno.test("describeProgress() says what is known", () => {
  assertEquals(
    describeProgress({ what: "Recording a.csv", samples: 5 }, 2.25),
    "Recording a.csv: 5 samples, 2.3 samples/s",
  );
  assertEquals(
    describeProgress({ what: "Sending a.csv", samples: 12345, part: 0.429, note: "missing 0" }, 123.4),
    "Sending a.csv: 42 %, 12345 samples, 123 samples/s, missing 0",
  );
  assertMatch(describeProgress({ what: "x", samples: 1, part: 1.2 }, 0), /100 %/);
});

const address = ["--local", "udp://127.0.0.1:0"];
const datagram = protobuf().encode([{ sequence: 7n, values: [1] }]);

Deno.test({
  name: "recv shows on a terminal how far it is while it writes to a file, and takes it away at the end",
  ignore,
  async fn() {
    const file = await Deno.makeTempFile({ suffix: ".csv" });
    await using pair = await face(startOnTerminal("recv", ...address, "--output", file, "--count", "2"));
    await pair.peer.send([datagram]);
    await pair.recv.expectOutput(/Recording \S+\.csv: 1 sample, \d+\.\d samples\/s, missing 0/);
    await pair.peer.send([datagram]);
    const { code, stdout } = await pair.recv.finish();
    assertEquals(code, 0);
    assertStringIncludes(stdout, "missing 0\x1b[?7h\r\x1b[Kvillas-client: Received 2 datagrams");
    assertEquals((await Deno.readTextFile(file)).split("\n").length, 4);
    await Deno.remove(file);
  },
});

Deno.test({
  name: "recv shows no progress on a terminal that it prints samples on",
  ignore,
  async fn() {
    await using pair = await face(startOnTerminal("recv", ...address, "--duration", "1500ms"));
    await pair.peer.send([datagram]);
    const { stdout } = await pair.recv.finish();
    assertMatch(stdout, /^\{"sequence": 7, "data": \[1\.0\]\}\r$/m);
    assert(!stdout.includes("\x1b"), stdout);
  },
});

Deno.test({
  name: "recv prints no binary format on a terminal",
  ignore,
  async fn() {
    await using process = startOnTerminal("recv", ...address, "--print", "protobuf");
    const { code, stdout } = await process.finish();
    assertEquals(code, 2);
    assertMatch(
      stdout,
      /error: Cannot print protobuf on a terminal, as it is binary: write it to a file or a pipe\r\n.*See .* --help\r\n$/,
    );
  },
});

Deno.test({
  name: "recv --quiet shows no progress",
  ignore,
  async fn() {
    const args = ["--output", "/dev/null", "--quiet", "--duration", "1500ms"];
    await using process = startOnTerminal("recv", ...address, ...args);
    const { code, stdout } = await process.finish();
    assertEquals([code, stdout], [0, ""]);
  },
});
