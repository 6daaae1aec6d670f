/**
 * What a command says where nothing comes, or nothing can be sent.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { openUdp } from "@villas/client/transports";
import { createSender } from "../../lib/transports/sending.ts";
import { start } from "./_cli.ts";

for (const command of ["recv", "echo"]) {
  Deno.test(`${command} says once after 5 s without a datagram that doctor looks into it`, async () => {
    await using process = start(
      command,
      "--local",
      "udp://127.0.0.1:0",
      "--remote",
      "udp://127.0.0.1:41",
      "--duration",
      "6",
    );
    const { stderr } = await process.finish();
    const found = stderr.match(
      /Nothing has come to udp:\/\/127\.0\.0\.1:\d+ for 5 s: villas-client doctor looks into it\n/g,
    );
    assertEquals(found?.length, 1, stderr);
  });
}

Deno.test("recv says who has the address that it cannot open, and status 1", async () => {
  using holder = await openUdp({ local: "udp://127.0.0.1:0" });
  await using process = start("recv", "--local", holder.local);
  const { code, stderr } = await process.finish();
  assertEquals(code, 1);
  const place = `Cannot open ${holder.local}: the address is in use`;
  assertMatch(
    stderr,
    Deno.build.os === "linux" ? new RegExp(`${place}, by \\S+ \\(process ${Deno.pid}\\)\n`) : new RegExp(place),
  );
});

Deno.test("recv -v shows the first bytes of a datagram that it refuses", async () => {
  using peer = await openUdp({ local: "udp://127.0.0.1:0" });
  await using process = start("recv", "--local", "udp://127.0.0.1:0", "-v");
  const [, address = ""] = await process.expectError(/Receiving on (\S+) from/);
  await peer.setRemote(address);
  await peer.send([new Uint8Array([0xff, 0x0a, 0x01])]);
  await process.expectError(/debug: The datagram has 3 bytes: ff 0a 01\n/);
});

Deno.test("createSender() tells a remote that no route leads to from one that is not there", async () => {
  let routeless = 0;
  const send = (error: Error) =>
    createSender({
      remote: "udp://192.0.2.1:1",
      maximumLength: 100,
      sendOne: () => Promise.reject(error),
      isClosed: () => false,
      onNoRoute: () => routeless++,
    })([new Uint8Array(1)]);
  assertEquals(await send(new Deno.errors.ConnectionRefused("refused")), 0);
  assertEquals(routeless, 0);
  assertEquals(await send(new Deno.errors.NetworkUnreachable("unreachable")), 0);
  assertEquals(await send(new Error("No route to host (os error 113)")), 0);
  assertEquals(routeless, 2);
});

for (const args of [["demo"], ["demo", "plant", "--local", "udp://127.0.0.1:41", "--remote", "udp://127.0.0.1:0"]]) {
  Deno.test(`${args.slice(0, 2).join(" ")} ends when its duration does, though the next sample is due later`, async () => {
    const begun = performance.now();
    await using process = start(...args, "--rate", "0.1", "--duration", "1", "--print", "none");
    await process.finish();
    assertEquals(performance.now() - begun < 6000, true);
  });
}
