import { assertEquals, assertStringIncludes } from "@std/assert";
import { parseSignals } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { clientSettingsForNode, parseLibconfig } from "@villas/client/villasnode";
import { run, start } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

/** What a configuration says of a node that no path leads to yet. */
const notes = ['Cannot tell the signals that "client" sends from the configuration: no enabled path leads to it'];

Deno.test("config prints what --config of another command reads back to the same settings", async () => {
  using node = await openUdp({ local: "udp://127.0.0.1:0" });
  using reserved = await openUdp({ local: "udp://127.0.0.1:0" });
  const local = reserved.local;
  reserved.close();
  const { code, stdout } = await run("config", "--local", local, "--remote", node.local, "-t", "2f", "-f", "protobuf");
  assertEquals(code, 0);
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeTextFile(file, stdout);
  await using echo = start("echo", "--config", file, "--node", "client", "--count", "1");
  await echo.expectError(new RegExp(`Receiving on ${local}, sending back to ${node.local}`));
  await node.setRemote(local);
  const datagram = protobuf().encode([{ sequence: 0n, values: [1, 2] }]);
  await node.send([datagram]);
  assertEquals(await node.receive(), [datagram]);
  assertEquals((await echo.finish()).code, 0);
  await Deno.remove(file);
});

Deno.test("config prints JSON or libconfig with the same content", async () => {
  const args = ["-t", '[{"name": "va", "unit": "V"}]', "-f", '{"type": "json", "compact": true}', "--vectorize", "2"];
  const [json, libconfig] = await Promise.all([run("config", ...args, "--json"), run("config", ...args)]);
  assertEquals(JSON.parse(json.stdout), parseLibconfig(libconfig.stdout));
  assertEquals(clientSettingsForNode(JSON.parse(json.stdout)), {
    local: "udp://127.0.0.1:12001",
    remote: "udp://127.0.0.1:12000",
    format: { type: "json", compact: true },
    signals: { out: [{ name: "va", unit: "V", type: "float" }] },
    vectorize: 2,
    notes,
  });
});

Deno.test("config unix has the unix addresses of the Python client", async () => {
  const { stdout } = await run("config", "unix", "-t", "3f");
  assertEquals(clientSettingsForNode(parseLibconfig(stdout)), {
    local: "unix:/var/run/villas-node.client.sock",
    remote: "unix:/var/run/villas-node.server.sock",
    format: "protobuf",
    signals: { out: parseSignals("3f") },
    notes,
  });
});

testWrongUsages([
  [["config", "--name", "A"], 'Cannot name a node "A"...'],
  [["config", "-f", "iotagent_ul"], "...VILLASnode writes this format, but does not read it..."],
  [["config", "-f", "raw", "--vectorize", "2"], "...VILLASnode reads one of this format..."],
  [["config", "--host", "::1"], "...give a host name or an IPv4 address..."],
  [["config", "tcp"], 'Unknown transport "tcp": expected udp or unix'],
  [["config", "--local", "udp://127.0.0.1:0"], "...it needs a fixed port to answer to..."],
  [["echo", "--node", "client"], "Cannot use --node without --config"],
]);

Deno.test("--config names what is wrong with its file", async () => {
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  await Deno.writeTextFile(file, "nodes = {");
  const broken = await run("echo", "--config", file);
  assertEquals(broken.code, 2);
  assertStringIncludes(broken.stderr, `Cannot read ${file}: Cannot parse the configuration at line 1, column 10`);
  const missing = await run("echo", "--config", `${file}.none`);
  assertEquals(missing.code, 1);
  await Deno.remove(file);
});

Deno.test("an option that is given comes before what --config says", async () => {
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  const { stdout } = await run("config", "-t", "2f");
  await Deno.writeTextFile(file, stdout);
  const { stderr } = await run("echo", "--config", file, "--local", "udp://127.0.0.1:0", "--duration", "10ms");
  assertStringIncludes(stderr, "sending back to udp://127.0.0.1:12000");
  assertEquals(stderr.includes(":12001"), false);
  await Deno.remove(file);
});
