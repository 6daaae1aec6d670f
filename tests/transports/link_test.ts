import { assert, assertEquals } from "@std/assert";
import { type Dial, type LinkConnection, RefusedError } from "../../lib/transports/link/connection.ts";
import { Link } from "../../lib/transports/link/link.ts";
import { retryDelay } from "../../lib/transports/link/retry.ts";
import { FrameServer, openFrames } from "./_frames.ts";
import { testLink } from "./_link_suite.ts";
import { pattern } from "./contract.ts";

testLink({
  name: "Link",
  open: openFrames,
  serve: (port) => new FrameServer(port),
  canPause: true,
});

function open(dial: Dial): Link {
  return new Link({ local: "test://here", remote: "test://there", maximumLength: 1000, dial });
}

Deno.test("Link ends with the reason where the other end refuses it from the start", async () => {
  const link = open(() => Promise.reject(new RefusedError("the password is wrong")));
  assertEquals((await link.closed)?.message, "Cannot connect to test://there: the password is wrong");
  assertEquals(await link.receive(), []);
});

Deno.test("Link ends with fail when its connection is lost, and what had arrived is received first", async () => {
  const lost = Promise.withResolvers<string>();
  const link = new Link({
    ...{ local: "test://here", remote: "test://there", maximumLength: 1000 },
    dial: ({ onMessage }) => {
      onMessage(pattern(5));
      onMessage(pattern(6));
      return Promise.resolve({ closed: lost.promise, send() {}, close: () => Promise.resolve() });
    },
  }, { whenDown: "fail" });
  await link.ready();
  lost.resolve("it was cut");
  assertEquals((await link.closed)?.message, "Lost the connection to test://there: it was cut");
  assertEquals(await link.receive(1), [pattern(5)]);
  assertEquals(await link.receive(), [pattern(6)]);
  assertEquals(await link.receive(), []);
});

Deno.test("Link tries again where the other end refuses it later, and says why once", async () => {
  let attempts = 0;
  const states: string[] = [];
  const lost = Promise.withResolvers<string>();
  const refused = Promise.withResolvers<void>();
  const link = new Link({
    local: "test://here",
    remote: "test://there",
    maximumLength: 1000,
    dial: () => {
      attempts++;
      if (attempts === 1) return Promise.resolve({ closed: lost.promise, send() {}, close: () => Promise.resolve() });
      if (attempts === 3) refused.resolve();
      return Promise.reject(new RefusedError("the node is stopped"));
    },
  }, { onStateChange: (state) => states.push(state.isUp ? "up" : state.reason) });
  await link.ready();
  lost.resolve("the node closed it");
  await refused.promise;
  link.close();
  assertEquals(await link.closed, undefined);
  assertEquals(states, ["up", "the node closed it", "the node is stopped"]);
});

Deno.test("Link closes a connection that is made when the link was closed already", async () => {
  const dialing = Promise.withResolvers<LinkConnection>();
  let aborted = 0;
  const link = open(() => dialing.promise);
  link.close();
  dialing.resolve({ closed: new Promise(() => {}), send() {}, close: () => Promise.resolve(), abort: () => aborted++ });
  await link.closed;
  assertEquals(aborted, 1);
});

Deno.test("Link counts what a driver says to be undecided when closing takes too long", async () => {
  let hasAborted = false;
  const link = open(() =>
    Promise.resolve({
      closed: new Promise<string>(() => {}),
      pending: 7,
      send() {},
      close: () => new Promise(() => {}),
      abort: () => hasAborted = true,
    })
  );
  await link.ready();
  await link.send([pattern(1)]);
  const started = performance.now();
  link.close();
  await link.closed;
  const elapsed = performance.now() - started;
  assert(elapsed > 1900 && elapsed < 2600, `${elapsed} ms`);
  assertEquals([link.stats().link?.unsent, hasAborted], [7, true]);
});

Deno.test("retryDelay() doubles from 0.1 s to 10 s, with a jitter of a quarter", () => {
  assertEquals([0, 1, 2, 5, 6, 7, 50].map((attempt) => retryDelay(attempt, 0.5)), [
    ...[100, 200, 400, 3200, 6400],
    ...[10_000, 10_000],
  ]);
  assertEquals([retryDelay(0, 0), retryDelay(1, 0), retryDelay(1, 1), retryDelay(30, 1)], [100, 150, 250, 10_000]);
});
