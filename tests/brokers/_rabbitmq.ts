/**
 * Debian's RabbitMQ, started and stopped by a test, with a port mapper (`epmd`) of its own that ends with it.
 *
 * @module
 */

import type { CertificateFiles } from "./_certificates.ts";
import { findFreePort } from "../_ports.ts";
import { hasPrograms, type ServerProcess, startServer } from "./_process.ts";

// Not the one in /usr/sbin, which is for root and the system's own data only.
const program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** True if RabbitMQ is installed; if not, a line on the console says so. */
export const hasRabbitMq: boolean = hasPrograms("rabbitmq-server", program);

/** Settings of a broker. */
export interface RabbitMqOptions {
  /** Listens with TLS on {@linkcode RabbitMq.tlsPort}, too. */
  readonly tls?: CertificateFiles & { readonly authority: string; readonly requiresClients?: boolean };
  /** Further lines of its configuration. */
  readonly lines?: readonly string[];
}

/** A broker on ports of its own, which stay the same when it is started again; its user is `guest`, password `guest`. */
export interface RabbitMq extends AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  /** Ends the process; durable queues are kept on disk. */
  stop(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
}

/** Starts RabbitMQ on free ports of the loopback, which takes some 10 s. */
export async function startRabbitMq({ tls, lines = [] }: RabbitMqOptions = {}): Promise<RabbitMq> {
  const folder = await Deno.makeTempDir({ prefix: "villas-rabbitmq-" });
  const [port, tlsPort, mapperPort, distributionPort] = Array.from({ length: 4 }, findFreePort);
  const configuration = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "log.console = true",
    "log.console.level = info",
    "log.file = false",
    ...tls === undefined ? [] : [
      `listeners.ssl.1 = 127.0.0.1:${tlsPort}`,
      `ssl_options.cacertfile = ${tls.authority}`,
      `ssl_options.certfile = ${tls.certificate}`,
      `ssl_options.keyfile = ${tls.key}`,
      `ssl_options.verify = ${tls.requiresClients ? "verify_peer" : "verify_none"}`,
      `ssl_options.fail_if_no_peer_cert = ${tls.requiresClients ?? false}`,
    ],
    ...lines,
  ];
  await Deno.writeTextFile(`${folder}/rabbitmq.conf`, `${configuration.join("\n")}\n`);
  await Deno.writeTextFile(`${folder}/plugins`, "[].\n");
  const env = {
    HOME: folder,
    ERL_EPMD_PORT: `${mapperPort}`,
    ERL_EPMD_ADDRESS: "127.0.0.1",
    ERL_CRASH_DUMP_SECONDS: "0",
    RABBITMQ_NODENAME: `villas-${port}@localhost`,
    RABBITMQ_DIST_PORT: `${distributionPort}`,
    RABBITMQ_CONFIG_FILE: `${folder}/rabbitmq.conf`,
    RABBITMQ_MNESIA_BASE: `${folder}/mnesia`,
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/plugins`,
    // The script becomes the broker itself, so that a signal reaches it.
    RABBITMQ_ALLOW_INPUT: "1",
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-noinput +S 1",
  };
  const mapper = startServer({ command: "/usr/bin/epmd", args: ["-port", `${mapperPort}`], env });
  let process: ServerProcess | undefined;
  async function start(): Promise<void> {
    process = startServer({ command: program, args: [], env });
    await process.expect(/Server startup complete/);
  }
  async function dispose(): Promise<void> {
    await process?.[Symbol.asyncDispose]();
    await mapper[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port: port ?? 0,
    tlsPort: tlsPort ?? 0,
    start,
    stop: async () => await process?.stop(),
    [Symbol.asyncDispose]: dispose,
  };
}
