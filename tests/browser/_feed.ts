/**
 * Sender for long runs of the scope, in a process of its own: numbered samples at a rate, with the time at which each was
 * due.
 *
 *     deno run -A tests/browser/_feed.ts VALUES RATE SECONDS ADDRESS...
 *
 * Sends to each address, and prints the number of samples at the end.
 *
 * @module
 */

import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";

const [values = 8, rate = 10_000, seconds = 1] = Deno.args.map(Number);
const sockets = await Promise.all(
  Deno.args.slice(3).map((remote) => openUdp({ local: "udp://127.0.0.1:0", remote })),
);
const format = protobuf();
const count = Math.round(rate * seconds);
const begin = performance.now();
const beginTime = BigInt(Math.round((performance.timeOrigin + begin) * 1e6));

/** The sample of a number: sines of 50 Hz and more. */
function encode(number: number): Uint8Array {
  const time = number / rate;
  const nanoseconds = beginTime + BigInt(Math.round(time * 1e9));
  return format.encode([{
    sequence: BigInt(number),
    tsOrigin: { sec: Number(nanoseconds / 1_000_000_000n), nsec: Number(nanoseconds % 1_000_000_000n) },
    values: Array.from({ length: values }, (_, index) => 100 * Math.sin(2 * Math.PI * (50 + index) * time + index)),
  }]);
}

let number = 0;
while (number < count) {
  // What is due, but not so much at once that a socket's buffer overflows after the machine has slept.
  const due = Math.min(count, number + 100, Math.floor((performance.now() - begin) / 1000 * rate));
  const datagrams = Array.from({ length: due - number }, (_, index) => encode(number + index));
  number = due;
  if (datagrams.length > 0) { for (const socket of sockets) await socket.send(datagrams); }
  await new Promise((resolve) => setTimeout(resolve, 2));
}
for (const socket of sockets) socket.close();
console.log(count);
