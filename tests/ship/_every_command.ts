/**
 * A small piece of real work for every command, to see that an executable has all that the command loads.
 *
 * @module
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { formatNames, version } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { type DatagramTransport, openUdp } from "@villas/client/transports";
import { commands } from "../../lib/commands/table.ts";
import { startProgram } from "../commands/_cli.ts";
import { recordedAnswers, serveApi } from "../villasnode/_api_server.ts";

/** What runs the executable, with nothing in its environment and in a folder that was empty. */
interface Runner {
  /** The folder that it is in. */
  readonly folder: string;
  /** Starts it. */
  start(...args: string[]): ReturnType<typeof startProgram>;
  /** Runs it to its end; its status must be 0. */
  run(...args: string[]): Promise<{ stdout: string; stderr: string }>;
}

const sample = { sequence: 0n, tsOrigin: { sec: 1, nsec: 2 }, values: [1.5, -2.5] };
const line = '{"ts": {"origin": [1, 2]}, "sequence": 0, "data": [1.5, -2.5]}\n';
const datagram = protobuf().encode([sample]);
const anyPort = ["--local", "udp://127.0.0.1:0"];

/** The answers of an API. */
const recordings: Readonly<Record<string, string>> = await recordedAnswers();

/** The work of each command. */
const works: Readonly<Record<string, (runner: Runner) => Promise<void>>> = {
  async echo(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    // What polls is loaded for --busy-poll only, which needs two cores.
    const polling = Deno.build.os === "linux" && navigator.hardwareConcurrency > 1 ? ["--busy-poll"] : [];
    await using echo = runner.start("echo", ...anyPort, "--remote", node.local, "--count", "1", ...polling);
    await reach(node, await echo.expectError(/Receiving on (udp:\S+),/));
    await node.send([datagram]);
    const [answer = new Uint8Array()] = await node.receive();
    assertEquals(protobuf().decode(answer).map(({ values }) => values), [sample.values]);
    assertEquals(await echo.finish().then(({ code, stdout }) => [code, stdout]), [0, line]);
  },

  async recv(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    // What tells formats apart is loaded for auto only.
    await using recv = runner.start("recv", ...anyPort, "-f", "auto", "-l", "1");
    await reach(node, await recv.expectError(/Receiving on (udp:\S+)[,\s]/));
    await node.send([datagram]);
    assertEquals(await recv.finish().then(({ code, stdout }) => [code, stdout]), [0, line]);
  },

  async scope(runner) {
    await Deno.writeTextFile(`${runner.folder}/shown.json`, line);
    await using scope = runner.start("scope", "shown.json", "--duration", "5");
    const [url = ""] = await scope.expectOutput(/http:\S+/);
    // The page is in a module of its own, which only this command loads.
    for (const path of ["/", "/scope.js"]) {
      const response = await fetch(new URL(path, url));
      assertMatch(await response.text(), /scope/);
    }
    scope.kill("SIGINT");
    assertEquals((await scope.finish()).code, 0);
    await runner.run("scope", "shown.json", "shown.json", "-o", "shown.svg", "--to", "1");
    assertStringIncludes(await Deno.readTextFile(`${runner.folder}/shown.svg`), "</svg>");
  },

  async watch(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    await using watch = runner.start("watch", ...anyPort, "-l", "1");
    await reach(node, await watch.expectError(/Watching (udp:\S+)/));
    await node.send([datagram]);
    assertEquals((await watch.finish()).code, 0);
  },

  async send(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    await Deno.writeTextFile(`${runner.folder}/sent.json`, line);
    await runner.run("send", "sent.json", ...anyPort, "--remote", node.local);
    const [sent = new Uint8Array()] = await node.receive();
    assertEquals(protobuf().decode(sent).map(({ values }) => values), [sample.values]);
  },

  async pipe(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    await using pipe = runner.start("pipe", ...anyPort, "--remote", node.local, "-f", "json", "-l", "1");
    await reach(node, await pipe.expectError(/Receiving on (udp:\S+),/));
    await node.send([datagram]);
    const { code, stdout } = await pipe.finish();
    assertEquals([code, stdout], [0, line]);
  },

  async run(runner) {
    await runner.run("run", "--new", "pi", "pi.ts");
    const { stdout, stderr } = await runner.run("run", "--plant", "pi.ts", "--count", "20");
    assertEquals(stdout.match(/"data": \[230\.0, /g)?.length, 20, stderr);
    assertMatch(stderr, /Took 20 steps: .*\n.*\n.*Sent 20 outputs of steps, and the safe values once\n/);
  },

  async bridge(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    await Deno.writeTextFile(
      `${runner.folder}/routes.json`,
      `{"paths": [{"in": "bridged.json", "out": "${node.local}"}]}`,
    );
    await Deno.writeTextFile(`${runner.folder}/bridged.json`, line);
    await runner.run("bridge", "routes.json");
    const [sent = new Uint8Array()] = await node.receive();
    assertEquals(protobuf().decode(sent).map(({ values }) => values), [sample.values]);
  },

  async convert(runner) {
    for (const format of formatNames) {
      // One format has room for one value only.
      const data = format === "value" ? [1.5] : sample.values;
      const signals = ["-t", `${data.length}f`];
      await Deno.writeTextFile(`${runner.folder}/in`, JSON.stringify({ ts: { origin: [1, 2] }, sequence: 0, data }));
      await runner.run("convert", "-i", "json", "-o", format, ...signals, "--output", "there", "in");
      await runner.run("convert", "-i", format, "-o", "json", ...signals, "--output", "back", "there");
      // Every PMU has a frequency and its rate of change, which stand in front of other floats.
      const expected = format === "c37.118" ? [50, 0, ...data] : data;
      assertEquals([format, JSON.parse(await Deno.readTextFile(`${runner.folder}/back`)).data], [format, expected]);
    }
  },

  async info(runner) {
    await Deno.writeTextFile(`${runner.folder}/run.json`, line);
    const { stdout } = await runner.run("info", "--json", "run.json");
    assertEquals(JSON.parse(stdout).samples, 1);
  },

  async repair(runner) {
    const head = '{"journal":"villas-client","version":1,"format":{"type":"comtrade"}}\n';
    const journal = new Uint8Array([...new TextEncoder().encode(head), ...protobuf().encode([sample])]);
    await Deno.writeFile(`${runner.folder}/run.cfg.journal`, journal);
    await runner.run("repair", "run.cfg");
    const { stdout } = await runner.run("convert", "run.cfg", "-o", "json");
    assertEquals(JSON.parse(stdout).data, sample.values);
  },

  async signal(runner) {
    const { stdout } = await runner.run("signal", "sine", "-l", "3", "-r", "1000");
    assertEquals(stdout.match(/^\d+\.\d+\(\d\)\t/gm)?.length, 3, stdout);
  },

  async compare(runner) {
    for (const name of ["first.json", "second.json"]) await Deno.writeTextFile(`${runner.folder}/${name}`, line);
    await runner.run("compare", "first.json", "second.json");
  },

  async digest(runner) {
    await Deno.writeTextFile(`${runner.folder}/digested.json`, line);
    const { stdout } = await runner.run("digest", "digested.json", "--last");
    assertMatch(stdout, /^1\.000000002-0 1\.000000002-0 sha256 [0-9A-F]{64}\n$/);
  },

  async rtt(runner) {
    using other = await openUdp({ local: "udp://127.0.0.1:0" });
    const near = other.local;
    other.close();
    await using echo = runner.start("echo", ...anyPort, "--remote", near, "--print", "none");
    const [, far = ""] = await echo.expectError(/Receiving on (udp:\S+),/);
    const brief = ["--warmup", "0", "--cooldown", "0.1", "--calibration", "0.1", "-r", "500", "-l", "20"];
    const pictures = ["--histogram", "--svg", "rtt.svg", "--log", "rtt"];
    const { stdout } = await runner.run("rtt", "--local", near, "--remote", far, ...brief, ...pictures);
    assertStringIncludes(stdout, "p99");
    assertStringIncludes(await Deno.readTextFile(`${runner.folder}/rtt.svg`), "</svg>");
  },

  async doctor(runner) {
    using node = await openUdp({ local: "udp://127.0.0.1:0" });
    await using doctor = runner.start("doctor", ...anyPort, "--remote", node.local, "--duration", "0.3", "--json");
    const { code, stdout } = await doctor.finish();
    // Nobody sends anything, and it says so.
    assertEquals([code, typeof JSON.parse(stdout)], [1, "object"], stdout);
  },

  async node(runner) {
    await using api = serveApi(({ line }) => recordings[line]);
    assertMatch((await runner.run("node", api.url)).stdout, /^sink +file +running /m);
  },

  async config(runner) {
    await Deno.writeTextFile(`${runner.folder}/node.conf`, (await runner.run("config", "-t", "2f")).stdout);
    const { stdout } = await runner.run("config", "-t", "2f", "--json");
    assertEquals(Object.keys(JSON.parse(stdout).nodes), ["client"]);
    // The other commands read it.
    await using recv = runner.start("recv", "--config", "node.conf", ...anyPort, "--timeout", "0.1");
    assertEquals((await recv.finish()).code, 124);
  },

  async demo(runner) {
    const { stdout, stderr } = await runner.run("demo", "--duration", "0.5");
    assertMatch(stdout, /^\{"ts": \{"origin": \[\d+, \d+\]\}, "sequence": 0, "data": \[/);
    assertMatch(stderr, /The peer sent 5 samples; 5 came back, 0 were lost, 0 altered\n/);
  },

  async completions(runner) {
    for (const shell of ["bash", "zsh", "fish"]) {
      assertStringIncludes((await runner.run("completions", shell)).stdout, "villas-client");
    }
  },

  async man(runner) {
    const { stdout } = await runner.run("man");
    for (const { name } of commands) assertStringIncludes(stdout, name);
  },
};

/** Lets a node send to a client that has said where it receives. */
async function reach(node: DatagramTransport, [, address = ""]: RegExpExecArray): Promise<void> {
  await node.setRemote(address);
}

/** Fails unless every command of an executable does its work. */
export async function assertEveryCommandWorks(executable: string): Promise<void> {
  assertEquals(
    Object.keys(works),
    commands.map(({ name }) => name),
    "each command needs a small piece of work in tests/ship/_every_command.ts",
  );
  const folder = await Deno.makeTempDir({ prefix: "villas-elsewhere-" });
  const start = (...args: string[]) => startProgram(executable, args, folder);
  const run = async (...args: string[]) => {
    await using process = start(...args);
    const { code, ...output } = await process.finish();
    assertEquals([args[0], code], [args[0], 0], output.stderr);
    return output;
  };
  try {
    assertMatch((await run("--version")).stdout, new RegExp(`^villas-client ${version} \\(Deno `));
    for (const { name } of commands) {
      assertStringIncludes((await run(name, "--help")).stdout, `Usage: villas-client ${name}`);
    }
    for (const work of Object.values(works)) await work({ folder, start, run });
    await using mistaken = start("ecko");
    const { code, stderr } = await mistaken.finish();
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Unknown command ecko: did you mean echo?");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
