/// <reference lib="dom" />
/**
 * Long runs of the scope: few values at a high rate, and many at a lower one. An argument or SCOPE_SECONDS says for how long,
 * some seconds by default, and `deno task soak:scope` takes ten minutes for each. SCOPE_PICTURES is the fewest pictures per
 * second that will do: 30 in a long run, for which the machine must have nothing else to do.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Page } from "npm:playwright-core@1.65.1";
import { countUdpDrops } from "../../lib/transports/udp/kernel_drops.ts";
import { timeLimit } from "../_time_limits.ts";
import { runArguments, type Running, spawn } from "../commands/_cli.ts";
import { testInBrowser, visit } from "./_browser.ts";
import { readMemory } from "../_memory.ts";

/** Number of values, and samples per second. */
const loads = [[8, 10_000], [64, 1000]] as const;

const seconds = Number(Deno.args[0] ?? Deno.env.get("SCOPE_SECONDS") ?? 5);
const isLong = seconds >= 60;
const limit = timeLimit + seconds * 2000;
const fewestPictures = Number(Deno.env.get("SCOPE_PICTURES") ?? (isLong ? 30 : 1));

/** The most of a core that the server may take more than `recv` of the same link. */
const mostExtraCore = 0.4;

/** Growth that is no growth, in MB: the collectors do not always run at the same point. */
const tolerance = { server: 30, page: 6 } as const;

/** Figures of a moment. */
interface Look {
  /** Time, in seconds. */
  readonly time: number;
  /** Memory of the server and of the page, in MB. */
  readonly server: number;
  readonly page: number;
  /** Pictures that the page has drawn so far, and the time of the processor that they took, in seconds. */
  readonly pictures: number;
  readonly pageCore: number;
  /** Time of the processor that the server and `recv` have taken, in seconds. */
  readonly scopeCore: number;
  readonly recvCore: number;
}

for (const [values, rate] of loads) {
  const name = `scope shows ${values} values at ${rate}/s for ${seconds} s: nothing lost, and memory flat`;
  testInBrowser(name, () => runFor(values, rate), limit);
}

async function runFor(values: number, rate: number): Promise<void> {
  // A ring that is full when the figures begin: what grows then is a leak.
  const memory = String(Math.max(2, Math.min(32, Math.floor(seconds / 10))));
  await using scope = startReceiver("scope", "--memory", memory);
  await using recv = startReceiver("recv", "--print", "none");
  const addresses = [await addressOf(scope), await addressOf(recv)];
  const [url = ""] = await scope.expectOutput(/http:\S+/);
  await using visitor = await visit(`${url}#${encodeURIComponent('{"span":2}')}`);
  const { page } = visitor;
  await using feed = startFeed(values, rate, addresses);
  await page.waitForFunction(() =>
    (globalThis as unknown as { scopePage: { pictures: number } }).scopePage.pictures > 5
  );
  const looks = await lookOn(page, scope, recv);
  const { code, stdout } = await feed.finish();
  assertEquals(code, 0);

  const sent = Number(stdout);
  const drops = addresses.map(dropsOf);
  const numbers = await readNumbers(url);
  const gaps = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1).length;
  const received = [await countReceived(scope), await countReceived(recv)];
  const { report, pictures, extraCore, growth } = compare(looks);
  const counts = `sent ${sent}, received ${received.join(" and ")}, dropped by the kernel ${drops.join(" and ")}`;
  const text = `${counts}\n${report}`;
  console.log(text);
  // What the kernel drops, because the machine was busy elsewhere, no program can have.
  assertEquals(received.map((count, index) => count + (drops[index] ?? NaN)), [sent, sent], text);
  assert(numbers.length > rate && gaps <= (drops[0] ?? 0), `${gaps} gaps in ${numbers.length} samples\n${text}`);
  assert(growth.server < tolerance.server && growth.page < tolerance.page, text);
  assert(pictures >= fewestPictures && extraCore < mostExtraCore, text);
}

function startReceiver(command: string, ...options: string[]): Running {
  return spawn(Deno.execPath(), runArguments(command, "--local", "udp://127.0.0.1:0", ...options), limit);
}

function startFeed(values: number, rate: number, addresses: readonly string[]): Running {
  const config = runArguments().find((argument) => argument.startsWith("--config=")) ?? "";
  const path = new URL("_feed.ts", import.meta.url).pathname;
  const settings = [values, rate, seconds].map(String);
  return spawn(Deno.execPath(), ["run", "-qA", config, path, ...settings, ...addresses], limit);
}

/** Looks at both ends while samples come, but for the first third, which is for the ring and the compilers. */
async function lookOn(page: Page, scope: Running, recv: Running): Promise<Look[]> {
  const count = 11;
  const duration = Math.max(2, seconds - 2) * 1000;
  const debug = await page.context().newCDPSession(page);
  await debug.send("Performance.enable", { timeDomain: "threadTicks" });
  const looks: Look[] = [];
  await page.waitForTimeout(duration / 3);
  while (looks.length < count) {
    if (looks.length > 0) await page.waitForTimeout(duration * 2 / 3 / (count - 1));
    await debug.send("HeapProfiler.collectGarbage");
    const { usedSize } = await debug.send("Runtime.getHeapUsage");
    const { metrics } = await debug.send("Performance.getMetrics");
    looks.push({
      time: performance.now() / 1000,
      server: await readMemory(scope.pid),
      page: usedSize / 2 ** 20,
      pictures: await page.evaluate(() =>
        (globalThis as unknown as { scopePage: { pictures: number } }).scopePage.pictures
      ),
      pageCore: metrics.find(({ name }) => name === "TaskDuration")?.value ?? NaN,
      scopeCore: await readCore(scope),
      recvCore: await readCore(recv),
    });
  }
  return looks;
}

/** Compares the last look with the first one. */
function compare(looks: readonly Look[]) {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined) throw new Error("Nothing was looked at");
  const difference = (name: keyof Look) => last[name] - first[name];
  const perSecond = (name: keyof Look) => difference(name) / difference("time");
  const pictures = perSecond("pictures");
  const perPicture = difference("pageCore") / difference("pictures") * 1000;
  const report = [
    `pictures per second: ${pictures.toFixed(1)}, each ${perPicture.toFixed(1)} ms of the page's processor`,
    `cores: scope ${perSecond("scopeCore").toFixed(2)}, recv ${perSecond("recvCore").toFixed(2)}`,
    `memory of the server in MB: ${looks.map(({ server }) => server.toFixed(0)).join(" ")}`,
    `memory of the page in MB: ${looks.map(({ page }) => page.toFixed(1)).join(" ")}`,
  ].join("\n");
  const extraCore = perSecond("scopeCore") - perSecond("recvCore");
  return { report, pictures, extraCore, growth: { server: difference("server"), page: difference("page") } };
}

/** Reads the sequence numbers of the samples that the server has. */
async function readNumbers(url: string): Promise<number[]> {
  const text = await (await fetch(new URL("samples?format=csv", url))).text();
  return text.trim().split("\n").slice(1).map((line) => Number(line.split(",")[3]));
}

/** Ends a receiver, and returns the number of datagrams that it says. */
async function countReceived(process: Running): Promise<number> {
  process.kill("SIGINT");
  const { stderr } = await process.finish();
  return Number(/Received (\d+) datagrams/.exec(stderr)?.[1]);
}

async function addressOf(process: Running): Promise<string> {
  const [, address = ""] = await process.expectError(/Receiving on (\S+) from every address/);
  return address;
}

function dropsOf(address: string): number {
  return countUdpDrops({ hostname: "127.0.0.1", port: Number(new URL(address).port) }) ?? NaN;
}

/** Time of the processor that a process has taken, in seconds. */
async function readCore({ pid }: Running): Promise<number> {
  // Behind the number and the name, user and system time are the 12th and the 13th field, in hundredths.
  const fields = (await Deno.readTextFile(`/proc/${pid}/stat`)).replace(/^\d+ \(.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
