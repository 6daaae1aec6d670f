/**
 * Pages in Chromium as clients of the WebSocket server, plain and over TLS.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type Client, connect, type ConnectOptions } from "@villas/client";
import { createCertificates } from "../brokers/_certificates.ts";
import { testInBrowser, visit } from "./_browser.ts";

/** Has a page of the server itself send a sample as JSON, and returns the first message that it gets. */
async function exchange(server: Client): Promise<string> {
  const page = server.local.replace(/^ws/, "http");
  // The authority is one of the tests, which the browser does not know.
  await using visitor = await visit(page, undefined, ["--ignore-certificate-errors"]);
  const answer = visitor.page.evaluate((url) => {
    return new Promise<string>((resolve, reject) => {
      const socket = new WebSocket(url, "live");
      socket.onopen = () => socket.send('[{"sequence": 4, "data": [1.5]}]');
      socket.onmessage = ({ data }) => resolve(String(data));
      socket.onerror = () => reject(new Error("the browser could not connect"));
      setTimeout(() => reject(new Error("nothing came within 20 s")), 20_000);
    });
  }, server.local.replace(/[^/]*$/, "lab.json"));
  const [[sample] = []] = await server.receive({ timeout: 20 });
  assertEquals([sample?.sequence, sample?.values], [4n, [1.5]]);
  await server.send({ sequence: 5n, values: [2.5] });
  return await answer;
}

async function serve(options: ConnectOptions): Promise<void> {
  await using server = await connect({ signals: "f", ...options });
  assertEquals(JSON.parse(await exchange(server)), [{ sequence: 5, data: [2.5] }]);
}

testInBrowser("a page exchanges JSON with a server whose own format is another one", async () => {
  await serve({ local: "ws://127.0.0.1:0/lab" });
});

testInBrowser("a page exchanges JSON with a server over TLS", async () => {
  await using certificates = await createCertificates();
  const { certificate, key } = certificates.server;
  await serve({
    local: "wss://127.0.0.1:0/lab",
    tlsCert: await Deno.readTextFile(certificate),
    tlsKey: await Deno.readTextFile(key),
  });
});
