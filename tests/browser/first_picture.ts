/// <reference lib="dom" />
/**
 * Time from the start of `scope` to the first picture, while samples come: with a browser that is open already, as that of
 * the user is.
 *
 *     deno task bench:scope [TURNS]
 *
 * Takes turns with a script that does nothing, whose time says how fast the machine is. The exit status is 1 if half of the
 * turns take longer than a second.
 *
 * @module
 */

import { findFreeUdpPort } from "../_ports.ts";
import { median } from "../bench/_figures.ts";
import { runArguments, spawn } from "../commands/_cli.ts";
import { visit } from "./_browser.ts";

/** What half of the turns may take, in milliseconds. */
const limit = 1000;

const [turns = 15] = Deno.args.map(Number);
if (!(turns >= 1)) {
  console.error("Usage: deno task bench:scope [TURNS]");
  Deno.exit(2);
}

const port = findFreeUdpPort();
const config = runArguments().find((argument) => argument.startsWith("--config=")) ?? "";
const feed = new URL("_feed.ts", import.meta.url).pathname;
await using _feeding = spawn(Deno.execPath(), [
  ...["run", "-qA", config, feed],
  ...["8", "1000", String(3600), `udp://127.0.0.1:${port}`],
]);
await using visitor = await visit("about:blank");
const { page } = visitor;
const times: { listening: number; loaded: number; drawn: number; empty: number }[] = [];
// The first turn, in which everything is read from the disk, is left out.
for (let turn = 0; turn <= turns; turn++) {
  const begin = performance.now();
  await using scope = spawn(Deno.execPath(), runArguments("scope", "--local", `udp://127.0.0.1:${port}`));
  const [url = ""] = await scope.expectOutput(/http:\S+/);
  const listening = performance.now() - begin;
  await page.goto(url, { waitUntil: "commit" });
  const loaded = performance.now() - begin;
  await page.waitForFunction(() =>
    ((globalThis as unknown as { scopePage?: { pictures: number } }).scopePage?.pictures ?? 0) > 0
  );
  const drawn = performance.now() - begin;
  scope.kill("SIGINT");
  await scope.finish();
  const emptyBegin = performance.now();
  await new Deno.Command(Deno.execPath(), { args: ["eval", ""] }).output();
  if (turn > 0) times.push({ listening, loaded, drawn, empty: performance.now() - emptyBegin });
}
for (
  const [name, what] of [
    ["listening", "its address is printed"],
    ["loaded", "the page has begun to load"],
    ["drawn", "the first picture is drawn"],
    ["empty", "a script that does nothing has ended"],
  ] as const
) {
  const values = times.map((time) => time[name]);
  const [half, least, most] = [median(values), Math.min(...values), Math.max(...values)];
  console.log(`${half.toFixed(0).padStart(6)} ms (${least.toFixed(0)} to ${most.toFixed(0)}) until ${what}`);
}
Deno.exitCode = median(times.map(({ drawn }) => drawn)) <= limit ? 0 : 1;
