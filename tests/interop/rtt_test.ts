import { assertEquals } from "@std/assert";
import { connect, parseSignals } from "@villas/client";
import { measureRoundTrips } from "@villas/client/roundtrips";
import { findPython, hasProtoc, startPeer } from "./_tools.ts";

const python = await hasProtoc() ? await findPython() : undefined;

Deno.test({
  name: "measureRoundTrips() gets from Google's implementation what it sent, of all types",
  ignore: python === undefined,
  async fn() {
    await using peer = await startPeer(python ?? "", "echo", "udp", 0, "sender");
    const signals = parseSignals("fibc60f");
    const client = await connect({
      local: "udp://127.0.0.1:0",
      remote: `udp://127.0.0.1:${peer.local}`,
      signals: "any",
    });
    const [few, many] = await measureRoundTrips(client, {
      cases: [{ rate: 200, values: 4, count: 50 }, { rate: 200, values: 64, count: 50 }],
      signals,
    });
    for (const report of [few, many]) {
      const { sent, received, lost, duplicate, reordered, corrupted } = report ?? {};
      assertEquals([sent, received, lost, duplicate, reordered, corrupted], [50, 50, 0, 0, 0, 0]);
    }
    assertEquals((await peer.stop()).code, 0);
  },
});
