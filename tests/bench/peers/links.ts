/**
 * Several echoes in one process, all facing the load generator: `links.ts REMOTE_PORT COUNT`.
 *
 * @module
 */

import { connect, echo } from "../../../mod.ts";

const [remotePort = 0, count = 1] = Deno.args.map(Number);
const clients = await Promise.all(
  Array.from({ length: count }, () => connect({ local: "127.0.0.1:0", remote: `127.0.0.1:${remotePort}` })),
);
for (const client of clients) echo(client);
console.error(`ready ${clients.map(({ local }) => local.split(":").at(-1)).join(" ")}`);
