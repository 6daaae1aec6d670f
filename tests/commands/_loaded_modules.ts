/**
 * A program that runs a command line as `cli.ts` does, and prints the modules of `lib/` that are loaded when it first writes
 * to standard output or standard error, as JSON.
 *
 * @module
 */

import { Session } from "node:inspector";

const lib = new URL("../../lib/", import.meta.url).href;
const loaded: string[] = [];
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params: { url } }: { params: { url: string } }) => {
  if (url.startsWith(lib)) loaded.push(url.slice(lib.length));
});
session.post("Debugger.enable");
const { main } = await import("../../lib/commands/main.ts");

function report(): never {
  writeSync(new TextEncoder().encode(JSON.stringify(loaded)));
  Deno.exit(0);
}

const writeSync = Deno.stdout.writeSync.bind(Deno.stdout);
Deno.stderr.writeSync = report;
Deno.stdout.write = report;
await main(Deno.args);
