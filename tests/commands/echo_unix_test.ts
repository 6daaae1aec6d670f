import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { protobuf } from "@villas/client/formats";
import { openUnix } from "@villas/client/transports";
import { type Running, start } from "./_cli.ts";

const ignore = Deno.build.os === "windows";
const datagram = protobuf().encode([{ sequence: 0n, values: [1.5] }]);
const line = '{"sequence": 0, "data": [1.5]}\n';

/** Starts an echo over unix datagrams in a folder of its own. */
async function startEcho(...args: string[]) {
  const folder = await Deno.makeTempDir();
  const addresses = { client: `unix:${folder}/client.sock`, server: `unix:${folder}/server.sock` };
  const echo: Running = start("echo", "unix", "--local", addresses.client, "--remote", addresses.server, ...args);
  return {
    ...addresses,
    echo,
    async [Symbol.asyncDispose]() {
      await echo[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test({
  name: "echo unix waits for its remote, answers it, and goes on when it dies and comes back",
  ignore,
  async fn() {
    await using pair = await startEcho("--count", "3");
    const { client, server, echo } = pair;
    await echo.expectError(new RegExp(`Waiting for ${server} to appear`));
    {
      using peer = await openUnix({ local: server, remote: client });
      await peer.send([datagram]);
      assertEquals(await peer.receive(), [datagram]);
      await peer.send([datagram]);
    }
    // What came from a peer that has died has no receiver for its answer.
    await echo.expectOutput(/1\.5(.|\n)*1\.5/);
    using peer = await openUnix({ local: server, remote: client });
    await peer.send([datagram]);
    assertEquals(await peer.receive(), [datagram]);
    const { code, stdout, stderr } = await echo.finish();
    assertEquals(code, 0);
    assertEquals(stdout, line.repeat(3));
    assertEquals(stderr.match(/Waiting/g)?.length, 1);
  },
});

Deno.test({
  name: "echo unix ends at once when it is interrupted while it waits, and removes its file",
  ignore,
  async fn() {
    await using pair = await startEcho();
    await pair.echo.expectError(/Waiting for/);
    const path = pair.client.slice("unix:".length);
    assert((await Deno.lstat(path)).isSocket);
    pair.echo.kill("SIGINT");
    const { code, stderr } = await pair.echo.finish();
    assertEquals(code, 0);
    assertMatch(stderr, /Received 0 datagrams/);
    assertEquals(await Deno.lstat(path).catch((error) => error.name), "NotFound");
  },
});

Deno.test({
  name: "echo unix counts the time limit while it waits for its remote",
  ignore,
  async fn() {
    await using pair = await startEcho("--timeout", "50ms");
    const { code, stderr } = await pair.echo.finish();
    assertEquals(code, 124);
    assertStringIncludes(stderr, "No sample arrived for 0.05 s");
  },
});

Deno.test({
  name: "echo unix does not take the file of a living process",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    {
      using other = await openUnix({ local: `unix:${folder}/client.sock` });
      await using echo = start("echo", "--local", other.local, "--remote", `unix:${folder}/server.sock`);
      const { code, stderr } = await echo.finish();
      assertEquals(code, 1);
      const holder = Deno.build.os === "linux" ? `, by deno (process ${Deno.pid})` : "";
      assertEquals(
        stderr,
        `villas-client: error: Cannot open ${other.local}: another process listens on it${holder}\n`,
      );
    }
    await Deno.remove(folder, { recursive: true });
  },
});
