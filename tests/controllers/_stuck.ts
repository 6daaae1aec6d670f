/**
 * A step that never returns, and the node that waits for its outputs.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { openUdp } from "@villas/client/transports";
import type { Start } from "./_templates.ts";

const controller = `export const signals = { in: "f", out: "2f" };
export const safe = [230, 0];
export default ([value]: [number]) => {
  // The fourth sample stops it.
  while (value === 3);
  return [value, 1];
};
`;

/**
 * Fails unless the program ends with status 1 when a step never returns, with the safe values as the last ones, numbered
 * on, so that a VILLASnode does not drop them.
 */
export async function assertStuckIsNoticed(start: Start, folder: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/stuck.ts`, controller);
  const transport = await openUdp({ local: "udp://127.0.0.1:0", anySource: true });
  const addresses = ["--local", "udp://127.0.0.1:0", "--remote", transport.local];
  await using run = start("run", "stuck.ts", ...addresses, "--stuck", "500ms", "--print", "none");
  const [, local = ""] = await run.expectError(/receiving on (udp:\S+),/);
  await transport.setRemote(local);
  await using node = await connect({ transport, signals: "f" });
  const seen = [];
  for (let sequence = 10n; sequence < 14n; sequence++) {
    await node.send({ sequence, values: [Number(sequence - 10n)] });
    const [[answer] = []] = await node.receive();
    seen.push([answer?.sequence, ...answer?.values ?? []]);
  }
  const { code, stderr } = await run.finish();
  assertStringIncludes(
    stderr,
    "error: stuck.ts:3: the controller has not returned for 0.5 s; the safe values were sent from ",
  );
  assertEquals(seen, [[10n, 0, 1], [11n, 1, 1], [12n, 2, 1], [13n, 230, 0]]);
  assertEquals(code, 1);
}
