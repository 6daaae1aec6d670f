/**
 * The bench: how fast everything is, in relation to what else there is, on the machine it runs on.
 *
 *     deno task bench [--quick] [--turns N] [--seconds S] [--json FILE] [GROUP...]
 *
 * Groups are codec, echo, answers, bridge, run, receiving, formats, start-up, growth, memory and links; all of them if none
 * is named. What is compared takes turns within one run, since absolute figures differ from machine to machine and from minute
 * to minute; ratios are medians of the ratios turn by turn. More and longer turns (--turns, --seconds) take longer and mean
 * more. All traffic stays on this machine. VILLAS_NODE=/path/to/villas-node takes a real VILLASnode along. What an echo
 * takes after an hour, `deno task bench:memory` shows.
 *
 * @module
 */

import { parseArgs } from "jsr:@std/cli@^1.0.24/parse-args";
import { answersGroup } from "./answers.ts";
import { bridgeGroup } from "./bridge.ts";
import { codecGroup } from "./codec.ts";
import { echoGroup } from "./echo.ts";
import { formatsGroup } from "./formats.ts";
import { linksGroup } from "./links.ts";
import { growthGroup } from "./growth.ts";
import { memoryGroup } from "./memory.ts";
import { receivingGroup } from "./receiving.ts";
import { runGroup } from "./run.ts";
import { startUpGroup } from "./start_up.ts";
import type { Figure } from "./_figures.ts";
import { describeMachine, findBusyness, findTheft, readTicks } from "./_machine.ts";
import { describeFigures, describeOutcomes } from "./_table.ts";
import { judge } from "./_targets.ts";
import { createTools } from "./_tools.ts";

const groups = [
  codecGroup,
  echoGroup,
  answersGroup,
  bridgeGroup,
  runGroup,
  receivingGroup,
  formatsGroup,
  startUpGroup,
  growthGroup,
  memoryGroup,
  linksGroup,
];

const parsed = parseArgs(Deno.args, { boolean: ["quick"], string: ["json", "turns", "seconds", "_"] });
const quick = parsed.quick === true;
const names = parsed._.map(String);
const unknown = names.find((name) => !groups.some((group) => group.name === name));
if (unknown !== undefined) {
  console.error(`There is no group ${unknown}: there are ${groups.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}
const turns = readNumber("turns", (number) => Number.isInteger(number) && number > 0, "a whole number, 1 or more");
const seconds = readNumber("seconds", (number) => number > 0 && number <= 3600, "a time above 0, up to 3600");
const chosen = groups.filter(({ name }) => names.length === 0 || names.includes(name));

/** Reads an option that is a number. */
function readNumber(name: "turns" | "seconds", accepts: (number: number) => boolean, expected: string) {
  const text = parsed[name];
  if (text === undefined) return undefined;
  const number = text === "" ? NaN : Number(text);
  if (!accepts(number)) {
    console.error(`Cannot set --${name} to "${text}": expected ${expected}`);
    Deno.exit(2);
  }
  return number;
}

const warnings: string[] = [];
function warn(message: string): void {
  if (warnings.includes(message)) return;
  warnings.push(message);
  console.error(`WARNING: ${message}`);
}

/** Says what is going on, on a line that the next one replaces. */
function progress(message: string): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${message}`));
}

const machine = await describeMachine();
const busyness = findBusyness(machine);
console.log(`${machine.processor}, ${machine.cores} cores, ${machine.system}, load ${machine.load.toFixed(2)}`);
console.log(`Deno ${machine.deno}, V8 ${machine.v8}${quick ? ", quick: these figures mean nothing" : ""}`);
if (busyness !== undefined) warn(busyness);

const figures: Figure[] = [];
const ticks = readTicks();
const tools = await createTools(warn);
/** An interrupt ends what runs, and leaves nothing behind. */
async function interrupt(): Promise<void> {
  await tools[Symbol.asyncDispose]();
  Deno.exit(130);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupt);
try {
  for (const { name, title, run } of chosen) {
    const measured = await run({
      ...{ quick, turns, seconds, tools, warn },
      progress: (message) => progress(`${name}: ${message}`),
    });
    progress("");
    figures.push(...measured);
    console.log(["", ...describeFigures(measured, title)].join("\n"));
  }
} finally {
  await tools[Symbol.asyncDispose]();
}
const theft = findTheft(ticks, readTicks());
if (theft !== undefined) warn(theft);
const outcomes = judge(figures, chosen.map(({ name }) => name));
if (outcomes.length > 0) console.log(["", ...describeOutcomes(outcomes)].join("\n"));
for (const warning of warnings) console.log(`WARNING: ${warning}`);
if (typeof parsed.json === "string") {
  const targets = outcomes.map((outcome) => ({ ...outcome, got: outcome.got ?? null, isMet: outcome.isMet ?? null }));
  await Deno.writeTextFile(parsed.json, `${JSON.stringify({ machine, quick, figures, targets, warnings }, null, 2)}\n`);
}
Deno.exit(0);
