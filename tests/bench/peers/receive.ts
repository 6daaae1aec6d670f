/**
 * Receives with the library and counts: `receive.ts REMOTEPORT`. Says "ready PORT" on standard error.
 *
 * @module
 */

import { connect } from "../../../mod.ts";

await using client = await connect({ local: "udp://127.0.0.1:0", remote: `udp://127.0.0.1:${Deno.args[0]}` });
console.error(`ready ${new URL(client.local.replace("udp:", "http:")).port}`);
let samples = 0;
while (samples >= 0) {
  const messages = await client.receive();
  for (const message of messages) samples += message.length;
}
