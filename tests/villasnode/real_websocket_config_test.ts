/**
 * Configurations of websocket nodes with a real VILLASnode: it runs with what `config` prints, and clients that read it back
 * with `--config` are its other end, over TLS as well; and it takes part where clients have several formats.
 *
 * The node is the one that the environment variable VILLAS_NODE names; without it the tests are ignored.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { connect, type Sample } from "@villas/client";
import { findFreePort } from "../_ports.ts";
import { longTimeLimit } from "../_time_limits.ts";
import { type Certificates, createCertificates } from "../brokers/_certificates.ts";
import { run, type Running, spawn, start } from "../commands/_cli.ts";

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to run configurations with");
const ignore = node === undefined;

/** How long VILLASnode may take for what is done in a moment, in milliseconds. */
const patience = 60_000;

/** The configuration that the command `config` prints, with a path that sends back what comes to its node. */
async function configure(...args: string[]) {
  const { code, stdout, stderr } = await run("config", "--json", ...args);
  assertEquals(code, 0, stderr);
  const config = JSON.parse(stdout);
  const [name = ""] = Object.keys(config.nodes);
  config.http.port ??= findFreePort();
  config.paths = [{ in: name, out: name }];
  config.stats = 0;
  return { config, name, port: Number(config.http.port) };
}

/** Writes a configuration to a file, and starts a VILLASnode with it, which trusts an authority. */
async function startNode(
  config: unknown,
  authority?: string,
): Promise<{ file: string; running: Running } & AsyncDisposable> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(file, JSON.stringify(config));
  await Deno.chmod(file, 0o644); // VILLASnode may run as another user
  const variables = authority === undefined ? [] : [`SSL_CERT_FILE=${authority}`];
  const running = spawn("env", [...variables, node ?? "", "-d", "debug", file]);
  const timer = setTimeout(() => running.kill("SIGKILL"), 2 * patience);
  return {
    ...{ file, running },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await running[Symbol.asyncDispose]();
      await Deno.remove(file);
    },
  };
}

/** Measures an echo with settings of a configuration; every sample has to come back. */
async function expectEcho(...args: string[]): Promise<void> {
  await using measuring = startEcho(args);
  await measuring.finishWell();
}

/** Starts a measurement of 20 samples, which fails if it takes too long. */
function startEcho(args: readonly string[]): Running & { finishWell(): Promise<void> } {
  const running = start("rtt", ...args, "--rate", "50", "--count", "20", "--values", "2", "--json");
  const timer = setTimeout(() => running.kill("SIGKILL"), patience);
  return {
    ...running,
    async finishWell() {
      const { code, stdout, stderr } = await running.finish();
      clearTimeout(timer);
      assertEquals(code, 0, stderr);
      assert(/"received": ?20\b/.test(stdout), `${stdout}\n${stderr}`);
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      await running[Symbol.asyncDispose]();
    },
  };
}

/** Flags with the files of the tests' authority, or none. */
function flagsOf(certificates: Certificates | undefined, names: readonly ("cert" | "key" | "ca")[]): string[] {
  if (certificates === undefined) return [];
  const { authority, server } = certificates;
  const files = { cert: server.certificate, key: server.key, ca: authority };
  return names.flatMap((name) => [`--tls-${name}`, files[name]]);
}

for (const isSecure of [false, true]) {
  const words = isSecure ? "over TLS" : "in the format that it names";

  Deno.test(
    `a client with --config is the other end of a websocket node ${words}`,
    { ignore, timeout: longTimeLimit },
    async () => {
      await using certificates = isSecure ? await createCertificates() : undefined;
      const remote = `${isSecure ? "wss" : "ws"}://127.0.0.1:${findFreePort()}/lab`;
      const tls = flagsOf(certificates, ["cert", "key"]);
      const { config, port } = await configure("--remote", remote, "-f", "json", "-t", "2f", ...tls);
      await using villas = await startNode(config);
      await villas.running.expectError(/Starting path lab/);
      await expectEcho("--config", villas.file, "--node", "lab", ...flagsOf(certificates, ["ca"]));
      if (!isSecure) await expectEcho("--config", `http://127.0.0.1:${port}`, "--node", "lab");
    },
  );

  Deno.test(
    `a server with --config is the other end of a websocket node's destinations ${words}`,
    { ignore, timeout: longTimeLimit },
    async () => {
      await using certificates = isSecure ? await createCertificates() : undefined;
      const local = `${isSecure ? "wss" : "ws"}://127.0.0.1:${findFreePort()}/lab.json`;
      const { config, port } = await configure("--local", local, "-t", "2f");
      const tls = flagsOf(certificates, ["cert", "key"]);
      const file = await Deno.makeTempFile({ suffix: ".json" });
      await Deno.writeTextFile(file, JSON.stringify(config));
      await using serving = startEcho(["--config", file, ...tls]);
      await serving.expectError(/Waiting for a client/);
      await using villas = await startNode(config, certificates?.authority);
      await villas.running.expectError(/Starting path client/);
      // Its handshake waits until something wakes its web thread; over TLS, it has several steps.
      let isOver = false;
      const finishing = serving.finishWell().finally(() => isOver = true);
      for (let number = 0; number < 20 && !isOver; number++) {
        await (await fetch(`http://127.0.0.1:${port}/api/v2/status`)).text();
        await new Promise((resolve) => setTimeout(resolve, 300)); // between two requests, as its API needs
      }
      await finishing;
      await Deno.remove(file);
    },
  );
}

Deno.test("a VILLASnode and clients of ours, each in its own format, meet at one server", {
  ignore,
  timeout: longTimeLimit,
}, async () => {
  const port = findFreePort();
  const local = `ws://127.0.0.1:${port}/lab.protobuf`;
  await using server = await connect({ local, signals: "2f" });
  const { config } = await configure("--local", `ws://127.0.0.1:${port}/lab.json`, "-t", "2f");
  await using villas = await startNode(config);
  await villas.running.expectError(/Starting path client/);
  await (await fetch(`http://127.0.0.1:${config.http.port}/api/v2/status`)).text();
  await server.ready();
  await using web = await connect({ remote: `ws://127.0.0.1:${port}/lab`, signals: "2f" });
  await web.ready();
  const end = performance.now() + patience;
  while (server.stats().link?.peers !== 2 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const samples: Sample[] = Array.from({ length: 30 }, (_, number) => ({
    sequence: BigInt(number),
    tsOrigin: { sec: 1_700_000_000, nsec: number },
    values: [number / 4, -number],
  }));
  const comparable = (sample: Sample) => ({
    sequence: sample.sequence,
    tsOrigin: sample.tsOrigin,
    values: sample.values,
  });
  for (const sample of samples) await server.send(sample);
  for (const client of [server, web]) { // what the VILLASnode sends back in JSON, and what went to the other client
    const received: Sample[] = [];
    while (received.length < 30) received.push(...(await client.receive({ timeout: 20 })).flat());
    assertEquals(received.map(comparable), samples.map(comparable));
  }
  assertEquals(server.counters.received.refused, 0);
});
