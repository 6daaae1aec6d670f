/**
 * The README's library example, as it stands there.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { openUdp, protobuf, type Sample } from "@villas/client";

const root = new URL("../", import.meta.url);

/** The README's only TypeScript, on other ports and with this checkout instead of the published package. */
async function readExample(ports: Record<string, number>): Promise<string> {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const [, code = ""] = /^```ts.*\n([^]*?)^```/m.exec(readme) ?? [];
  assert(code.split("\n").length <= 16, "The example has become long");
  const local = code.replace(/"jsr:@villas\/client@[^"]*"/, JSON.stringify(new URL("mod.ts", root).href));
  return Object.entries(ports).reduce((text, [from, to]) => text.replace(from, String(to)), local);
}

Deno.test("README.md: the library example answers a VILLASnode", async () => {
  using node = await openUdp({ local: "udp://127.0.0.1:0" });
  const nodePort = Number(new URL(node.local.replace("udp:", "http:")).port);
  const clientPort = takeFreePort();
  await node.setRemote(`udp://127.0.0.1:${clientPort}`);
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, await readExample({ 12001: clientPort, 12000: nodePort }));
  const program = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--check",
      "--unstable-net",
      "--allow-net",
      "--no-prompt",
      `--config=${new URL("deno.json", root).pathname}`,
      file,
    ],
    stdout: "piped",
    stderr: "inherit",
    env: { NO_COLOR: "1" },
  }).spawn();
  const format = protobuf();
  const sample: Sample = { sequence: 1n, tsOrigin: { sec: 1, nsec: 2 }, values: [1.5, 2] };
  // Nothing says when the program receives; until it answers, it is asked again.
  const asking = setInterval(() => node.send([format.encode([sample])]), 20);
  const [answer = new Uint8Array()] = await node.receive();
  clearInterval(asking);
  assertEquals(format.decode(answer), [{ ...sample, values: [3, 4] }]);
  program.kill("SIGTERM");
  const { stdout } = await program.output();
  assertEquals(new TextDecoder().decode(stdout).split("\n")[0], "1n [ 1.5, 2 ]");
  await Deno.remove(file);
});

/** A port that is free now; the system does not hand it out again soon. */
function takeFreePort(): number {
  using socket = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (socket.addr as Deno.NetAddr).port;
}
