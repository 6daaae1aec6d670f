import { assertEquals } from "@std/assert";
import { createToken, findRefusal, isLoopback } from "../../lib/scope/access.ts";

function statusOf(headers: Record<string, string>, path = "/", token?: string): number {
  const rules = { hostname: token === undefined ? "127.0.0.1" : "0.0.0.0", port: 8080, token };
  const request = { headers: new Headers(headers), url: `http://127.0.0.1:8080${path}` } as Request;
  return findRefusal(request, rules)?.status ?? 200;
}

const own = { host: "127.0.0.1:8080" };
const socket = { ...own, upgrade: "websocket" };

Deno.test("findRefusal lets the page of this server in, and its WebSocket", () => {
  assertEquals(statusOf(own), 200);
  assertEquals(statusOf({ host: "localhost:8080" }), 200);
  assertEquals(statusOf({ ...socket, origin: "http://127.0.0.1:8080" }, "/stream"), 200);
});

Deno.test("findRefusal turns away another name of this machine, which another site may have made up", () => {
  assertEquals(statusOf({ host: "evil.example:8080" }), 421);
  assertEquals(statusOf({ host: "127.0.0.1:8081" }), 421);
  assertEquals(statusOf({ host: "127.0.0.1.evil.example:8080" }), 421);
  assertEquals(statusOf({}), 421);
});

Deno.test("findRefusal turns away another site's page, and a WebSocket without an origin", () => {
  assertEquals(statusOf({ ...socket, origin: "http://evil.example" }, "/stream"), 403);
  assertEquals(statusOf({ ...socket, origin: "null" }, "/stream"), 403);
  assertEquals(statusOf({ ...socket, origin: "http://127.0.0.1:9090" }, "/stream"), 403);
  assertEquals(statusOf(socket, "/stream"), 403);
  assertEquals(statusOf({ ...own, "sec-fetch-site": "cross-site" }, "/samples"), 403);
});

Deno.test("findRefusal asks for the token off the loopback", () => {
  const token = createToken();
  const lab = { host: "10.0.0.5:8080" };
  assertEquals(statusOf(lab, "/", token), 401);
  assertEquals(statusOf(lab, `/?token=${token.slice(1)}0`, token), 401);
  assertEquals(statusOf(lab, `/?token=${token}`, token), 200);
  assertEquals([token.length, token === createToken()], [32, false]);
});

Deno.test("isLoopback knows the addresses that only this machine reaches", () => {
  assertEquals(["127.0.0.1", "localhost", "::1", "127.9.9.9"].every(isLoopback), true);
  assertEquals(["0.0.0.0", "127.0.0.1.example", "10.0.0.1", "::"].some(isLoopback), false);
});
