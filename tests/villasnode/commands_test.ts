/**
 * Tests that everything that sends sends nothing but what the VILLASnode at the other end takes, in all formats that it
 * reads: random settings, and each datagram judged by the model of a node.
 *
 * The everyday run has a few settings of each command and format. `deno task check-sent` has 500 of each command, and
 * prints a table. A failure says the seed; `SENT_SEED` and `SENT_ONLY` run it alone.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../_random.ts";
import { NodeSocket } from "./_node_socket.ts";
import { Failures } from "./_failures.ts";
import { runEcho, runReply } from "./_echoes.ts";
import type { Sender } from "./_judge.ts";
import { startCommand, startProcess } from "./_run_command.ts";
import { runBridge, runDemo, runLibrary, runPipe, runRtt, runSend, runSignal } from "./_senders.ts";
import { readableFormats } from "./node_model.ts";

/** Settings of each command in the long form, spread over the formats. */
const wanted = Number(Deno.env.get("SENT_SETTINGS") ?? 0);

/** Settings of each command and format in the everyday run. */
const everyday = 4;

/** Distinguishes runs; settings differ by command, format and number, too. */
const seed = Number(Deno.env.get("SENT_SEED") ?? 1);

/** One setting, as a failure names it: command, format and number. */
const only = Deno.env.get("SENT_ONLY");

const senders: Readonly<Record<string, { run: Sender; formats: readonly string[] }>> = {
  send: { run: runSend, formats: readableFormats },
  pipe: { run: runPipe, formats: readableFormats },
  bridge: { run: runBridge, formats: readableFormats },
  signal: { run: runSignal, formats: readableFormats },
  rtt: { run: runRtt, formats: readableFormats },
  demo: { run: runDemo, formats: ["protobuf"] },
  echo: { run: runEcho, formats: readableFormats },
  "echo --reply": { run: runReply, formats: readableFormats },
  connect: { run: runLibrary, formats: readableFormats },
};

for (const [name, { run, formats }] of Object.entries(senders)) {
  Deno.test(`${name}: every datagram with random settings fits the node that it is sent to`, async () => {
    await using socket = new NodeSocket();
    const folder = await Deno.makeTempDir();
    const count = wanted > 0 ? Math.ceil(wanted / formats.length) : formats.length === 1 ? 2 * everyday : everyday;
    const failures = new Failures();
    const table: string[] = [];
    try {
      for (const type of formats) {
        const sums = { settings: 0, sent: 0, unfit: 0 };
        for (let index = 0; index < count; index++) {
          const key = `${name} ${type} ${index}`;
          if (only !== undefined && only !== key) continue;
          const place = { socket, folder, start: startCommand };
          const { setting, sent, unfit } = await run(seededRandom(hash(key) ^ seed), type, place);
          sums.settings++;
          sums.sent += sent;
          sums.unfit += unfit.length;
          failures.add(type, `SENT_SEED=${seed} SENT_ONLY="${key}": ${setting}`, unfit);
        }
        table.push(`${name.padEnd(14)}${type.padEnd(16)}${row(sums.settings, sums.sent, sums.unfit)}`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    if (wanted > 0) console.log([`${"".padEnd(30)}${row("settings", "datagrams", "unfit")}`, ...table].join("\n"));
    assert(failures.count === 0, failures.describe());
  });
}

Deno.test("send, signal, rtt, echo: processes of the executable send what fits, too", async () => {
  await using socket = new NodeSocket();
  const folder = await Deno.makeTempDir();
  const place = { socket, folder, start: startProcess };
  // Seeds with which each of them sends something.
  const runs = [[runSend, "json", 1], [runSignal, "csv", 1], [runRtt, "protobuf", 1], [runEcho, "raw", 1]] as const;
  try {
    for (const [run, type, seed] of runs) {
      const { setting, sent, unfit } = await run(seededRandom(seed), type, place);
      assert(sent > 0, setting);
      assertEquals(unfit, [], setting);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function row(...columns: readonly (string | number)[]): string {
  return columns.map((column) => String(column).padStart(10)).join("");
}

/** Hashes a text (FNV-1a, 32 bits). */
function hash(text: string): number {
  let state = 0x811c_9dc5;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 0x0100_0193);
  return state;
}
