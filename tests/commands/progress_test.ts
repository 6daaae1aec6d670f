import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { protobuf } from "@villas/client/formats";
import { face } from "./_recv.ts";
import { hasTerminal, startOnTerminal } from "./_terminal.ts";

const ignore = !await hasTerminal();

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
      /error: Cannot print protobuf on a terminal: it is binary; write it to a file or a pipe\r\n.*See .* --help\r\n$/,
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
