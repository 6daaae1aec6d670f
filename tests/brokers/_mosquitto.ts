/**
 * Debian's mosquitto, started and stopped by a test.
 *
 * @module
 */

import type { CertificateFiles } from "./_certificates.ts";
import { findFreePort } from "../_ports.ts";
import { hasPrograms, runProgram, type ServerProcess, startServer } from "./_process.ts";

const program = "/usr/sbin/mosquitto";

/** True if mosquitto is installed; if not, a line on the console says so. */
export const hasMosquitto: boolean = hasPrograms("mosquitto", program);

/** Settings of a broker. */
export interface MosquittoOptions {
  /** Listens with TLS. */
  readonly tls?: CertificateFiles & { readonly authority?: string; readonly requiresClients?: boolean };
  /** Passwords by user; without them, everybody is let in. */
  readonly users?: Readonly<Record<string, string>>;
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
}

/** A broker on a port of its own, which stays the same when it is started again. */
export interface Mosquitto extends AsyncDisposable {
  readonly port: number;
  /** Ends the process; sessions and what waits in them are kept on disk. */
  stop(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
}

/** Starts mosquitto on a free port of the loopback. */
export async function startMosquitto({ tls, users, lines = [] }: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = await Deno.makeTempDir({ prefix: "villas-mosquitto-" });
  const port = findFreePort();
  const configuration = [
    `listener ${port} 127.0.0.1`,
    ...tls === undefined ? [] : [`certfile ${tls.certificate}`, `keyfile ${tls.key}`],
    ...tls?.requiresClients ? [`cafile ${tls.authority}`, "require_certificate true"] : [],
    ...users === undefined ? ["allow_anonymous true"] : [`password_file ${folder}/passwords`],
    ...Deno.uid() === 0 ? ["user root"] : [],
    "log_dest stderr",
    "persistence true",
    `persistence_location ${folder}/`,
    ...lines,
  ];
  await Deno.writeTextFile(`${folder}/mosquitto.conf`, `${configuration.join("\n")}\n`);
  if (users !== undefined) {
    await Deno.writeTextFile(`${folder}/passwords`, "");
    for (const [user, password] of Object.entries(users)) {
      await runProgram("/usr/bin/mosquitto_passwd", "-b", `${folder}/passwords`, user, password);
    }
  }
  let process: ServerProcess | undefined;
  async function start(): Promise<void> {
    process = startServer({ command: program, args: ["-c", `${folder}/mosquitto.conf`] });
    await process.expect(/mosquitto version \S+ running/);
  }
  await start();
  return {
    port,
    start,
    stop: async () => await process?.stop(),
    async [Symbol.asyncDispose]() {
      await process?.[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
