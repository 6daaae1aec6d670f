/**
 * Each template of `run --new`, facing a real peer over UDP: what it must answer.
 *
 * @module
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type Client, connect, type ConnectOptions, type Value } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import type { Running } from "../commands/_cli.ts";

/** Starts `villas-client` in a folder. */
export type Start = (...args: string[]) => Running;

/** Runs a template on free ports, and lets a test be its node. */
async function face(
  start: Start,
  folder: string,
  file: string,
  signals: NonNullable<ConnectOptions["signals"]>,
  test: (ask: (values: readonly Value[], seconds?: number) => Promise<Value[]>) => Promise<void>,
): Promise<void> {
  await extendWatchdog(`${folder}/${file}`);
  const transport = await openUdp({ local: "udp://127.0.0.1:0" });
  await using run = start("run", file, "--local", "udp://127.0.0.1:0", "--remote", transport.local, "--print", "none");
  const [, local = ""] = await run.expectError(/receiving on (udp:\S+),/);
  await transport.setRemote(local);
  await using node = await connect({ transport, signals });
  let sequence = 0n;
  await test(async (values, seconds = 0) => {
    await node.send({ sequence, tsOrigin: { sec: 1000, nsec: Math.round(seconds * 1e9) }, values: [...values] });
    const [[answer] = []] = await node.receive();
    assertEquals(answer?.sequence, sequence++);
    return answer?.values ?? [];
  });
  run.kill("SIGINT");
  const { code, stderr } = await run.finish();
  assertEquals(code, 0, stderr);
  assertEquals(/warning/.test(stderr), false, stderr);
}

/** Lets a busy machine take its time between two samples. */
async function extendWatchdog(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace(/watchdog = [\d.]+/, "watchdog = 60"));
}

/** A port that nobody has. */
async function findPort(): Promise<string> {
  using transport = await openUdp({ local: "udp://127.0.0.1:0" });
  return transport.local.replace(/.*:/, "");
}

/** What each template does, by its name. */
export const templateTests: Readonly<Record<string, (start: Start, folder: string) => Promise<void>>> = {
  async constants(start, folder) {
    await face(start, folder, "constants.ts", { in: "2f", out: "3f" }, async (ask) => {
      assertEquals(await ask([1, 2, 3]), [230.1, 50]);
      assertEquals(await ask([4, 5, 6]), [230.1, 50]);
    });
  },

  async pi(start, folder) {
    await face(start, folder, "pi.ts", { in: "f", out: "2f" }, async (ask) => {
      assertEquals(await ask([30, 10], 0), [40]);
      // The integral: 20 V for 0.1 s by ki = 5.
      assertAlmostEquals(Number((await ask([30, 10], 0.1))[0]), 50, 1e-6);
      // Down to its limit, no faster than its rate allows.
      let output = 50;
      while (output > 0) {
        const [next] = await ask([0, 900], 0.2);
        assert(Number(next) < output && Number(next) >= 0, `${next} after ${output}`);
        output = Number(next);
      }
    });
    await using plant = start("run", "--plant", "pi.ts", "--count", "150");
    const { code, stdout, stderr } = await plant.finish();
    const [setpoint, measured] = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "").data;
    assertEquals([code, setpoint], [0, 230], stderr);
    // How near it comes, and how soon, is up to the machine.
    assert(measured > 115, stderr);
  },

  async droop(start, folder) {
    const nodes: Client[] = [];
    await extendWatchdog(`${folder}/droop.ts`);
    let text = await Deno.readTextFile(`${folder}/droop.ts`);
    for (const [local, remote] of [["12001", "12000"], ["12011", "12010"]] as const) {
      const [near, far] = [await findPort(), await findPort()];
      text = text.replace(local, near).replace(remote, far);
      nodes.push(
        await connect({
          local: `udp://127.0.0.1:${far}`,
          remote: `udp://127.0.0.1:${near}`,
          signals: "f",
        }),
      );
    }
    await Deno.writeTextFile(`${folder}/droop2.ts`, text);
    await using run = start("run", "droop2.ts", "--print", "none");
    await run.expectError(/north receiving on \S+, sending to \S+; south receiving on /);
    const [north, south] = nodes;
    assert(north !== undefined && south !== undefined);
    const wait = async (node: Client, frequency: number, power: number) => {
      await node.send({ sequence: 0n, values: [frequency] });
      for await (const { values: [value] } of node) {
        if (Math.abs(Number(value) - power) < 1e-9) return;
      }
    };
    await wait(north, 49.9, 50);
    await wait(south, 49.9, 26);
    // Within the limits of each.
    await wait(north, 45, 100);
    run.kill("SIGTERM");
    const { code, stderr } = await run.finish();
    assertEquals(code, 0, stderr);
    for (const node of nodes) {
      setTimeout(() => node.close(), 50);
      const values = (await Array.fromAsync(node)).map(({ values: [value] }) => value);
      assertEquals(values.at(-1), 0);
    }
  },

  async average(start, folder) {
    await face(start, folder, "average.ts", "3f", async (ask) => {
      const answers = [];
      for (const value of [4, 8, 0, 4, 0]) answers.push((await ask([value, 2 * value, 1]))[1]);
      assertEquals(answers, [8, 12, 8, 8, 6]);
    });
  },

  async breaker(start, folder) {
    await face(start, folder, "breaker.ts", { in: "2b", out: "fb" }, async (ask) => {
      const answers = [];
      const inputs = [[0, false], [0, true], [150, true], [150, true], [150, true], [0, true], [0, false], [
        0,
        true,
      ]] as const;
      for (const [index, [current, close]] of inputs.entries()) answers.push(await ask([current, close], index / 10));
      const [open, closed, tripped] = [[false, false], [true, false], [false, true]];
      assertEquals(answers, [open, closed, closed, tripped, tripped, tripped, open, closed]);
    });
  },

  async phasor(start, folder) {
    await face(start, folder, "phasor.ts", "3c", async (ask) => {
      const [a, , c] = await ask([{ real: 1, imag: 0 }, { real: 0, imag: 1 }, { real: 0, imag: 2 }]) as {
        real: number;
        imag: number;
      }[];
      // Both parts are float32 on the wire.
      assertAlmostEquals(a?.real ?? NaN, Math.cos(Math.PI / 6), 1e-6);
      assertAlmostEquals(c?.real ?? NaN, -1, 1e-6);
    });
  },
};
