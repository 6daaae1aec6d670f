/**
 * WebSockets over TLS, with certificates that openssl makes for the tests; they are ignored where it is missing.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ConnectionOptions, openTransport, openWebSocket } from "@villas/client/transports";
import { timeLimit } from "../_time_limits.ts";
import { pairOf, pattern } from "./contract.ts";
import { canRun, run } from "./_run.ts";
import { WebSocketTestServer } from "./_ws_server.ts";

const ignore = !await canRun("openssl", ["version"]);
if (ignore) console.warn("IGNORED: openssl, which makes the certificates for the tests of wss, is not installed");

/** An authority, and the certificate and the key of a server. */
interface Certificates {
  readonly ca: string;
  readonly caKey: string;
  readonly cert: string;
  readonly key: string;
}

async function openssl(...args: string[]): Promise<void> {
  const { code, stderr } = await run("openssl", args);
  assertEquals(code, 0, stderr);
}

/** Makes an authority and the certificate of a server with this name or address. */
async function makeCertificates(subject: string): Promise<Certificates> {
  const folder = await Deno.makeTempDir();
  const at = (name: string) => `${folder}/${name}`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-keyout", at("ca.key"), "-out", at("ca.pem"), "-days", "2", "-subj", "/CN=Test CA"];
  await openssl("req", "-x509", ...key, ...authority);
  await openssl("req", ...key, "-keyout", at("key.pem"), "-out", at("csr.pem"), "-subj", "/CN=server");
  await Deno.writeTextFile(at("ext"), `subjectAltName=${subject}\nbasicConstraints=CA:FALSE\n`);
  const signer = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", at("ext")];
  await openssl("x509", "-req", "-in", at("csr.pem"), ...signer, "-out", at("cert.pem"));
  const read = (name: string) => Deno.readTextFile(at(name));
  const [ca, caKey, cert, pem] = await Promise.all([read("ca.pem"), read("ca.key"), read("cert.pem"), read("key.pem")]);
  await Deno.remove(folder, { recursive: true });
  return { ca, caKey, cert, key: pem };
}

const running = { name: "web", type: "websocket", state: "running" };

/** Tries to connect; returns the reason why not, undefined where it is connected. */
async function tryConnect({ cert, key }: Certificates, options: ConnectionOptions): Promise<string | undefined> {
  await using server = new WebSocketTestServer({
    tls: { cert, key },
    answer: ({ url }) => url.includes("/api/") ? Response.json(running) : undefined,
  });
  const link = await openWebSocket({ remote: `wss://127.0.0.1:${server.port}/web`, whenDown: "fail", ...options });
  await link.ready();
  if (link.stats().link?.isUp) {
    await link.send([new Uint8Array([1, 2])]);
    await server.waitFor(() => server.received.length === 1);
    link.close();
  }
  return (await link.closed)?.message;
}

Deno.test({
  name: "openWebSocket() connects over TLS with the authority that it is told, the API as well",
  ignore,
  timeout: timeLimit,
  async fn() {
    const certificates = await makeCertificates("IP:127.0.0.1");
    for (const check of [true, false]) {
      assertEquals(await tryConnect(certificates, { tlsCa: certificates.ca, check }), undefined);
    }
  },
});

for (
  const [words, subject, isTold, reason] of [
    [
      "of an unknown authority",
      "IP:127.0.0.1",
      false,
      "its certificate is of an unknown authority (--tls-ca FILE trusts it)",
    ],
    ["for another name", "DNS:example.org", true, "its certificate is for another name"],
  ] as const
) {
  for (const check of [true, false]) {
    Deno.test({
      name: `openWebSocket() refuses a certificate ${words}${check ? "" : ", without the check"}`,
      ignore,
      timeout: timeLimit,
      async fn() {
        const certificates = await makeCertificates(subject);
        const found = await tryConnect(certificates, { check, ...isTold ? { tlsCa: certificates.ca } : {} });
        assertStringIncludes(found ?? "", reason);
      },
    });
  }
}

Deno.test("openWebSocket() says where a server of wss:// does not speak TLS", async () => {
  for (const check of [true, false]) {
    await using server = new WebSocketTestServer();
    const link = await openWebSocket({ remote: `wss://127.0.0.1:${server.port}/web`, whenDown: "fail", check });
    assertStringIncludes((await link.closed)?.message ?? "", "it does not speak TLS");
  }
});

/** Serves over TLS on a free port. */
function serve({ cert, key }: Pick<Certificates, "cert" | "key">, options: ConnectionOptions = {}) {
  return openWebSocket({ local: "wss://127.0.0.1:0/lab", tlsCert: cert, tlsKey: key, ...options });
}

Deno.test({
  name: "openWebSocket() serves over TLS to clients that trust its authority, the API as well",
  ignore,
  timeout: timeLimit,
  async fn() {
    const certificates = await makeCertificates("IP:127.0.0.1");
    const notices: string[] = [];
    const server = await serve(certificates, { onNotice: (notice) => notices.push(notice) });
    const options: ConnectionOptions = { tlsCa: certificates.ca, whenDown: "fail", check: true };
    const client = await openWebSocket({ remote: server.local, ...options });
    await using _pair = pairOf(client, server);
    await client.ready();
    await server.ready();
    await client.send([pattern(300)]);
    assertEquals(await server.receive(), [pattern(300)]);
    await server.send([pattern(200)]);
    assertEquals(await client.receive(), [pattern(200)]);
    assertEquals(notices, []);
    // It goes on after a client that does not trust it, and one that speaks no TLS.
    const { ca: namesake } = await makeCertificates("IP:127.0.0.1");
    for (const check of [true, false]) {
      const stranger = await openWebSocket({ remote: server.local, whenDown: "fail", check });
      assertStringIncludes((await stranger.closed)?.message ?? "", "its certificate is of an unknown authority");
      const deceived = await openWebSocket({ remote: server.local, tlsCa: namesake, whenDown: "fail", check });
      assertStringIncludes((await deceived.closed)?.message ?? "", "another authority than the trusted one");
    }
    const plain = await openWebSocket({ remote: server.local.replace("wss", "ws"), whenDown: "fail", check: false });
    assertStringIncludes((await plain.closed)?.message ?? "", "Cannot connect to ws://");
    await client.send([pattern(100)]);
    assertEquals(await server.receive(), [pattern(100)]);
  },
});

Deno.test({
  name: "openWebSocket() refuses to serve with a certificate and a key that are of no use, and says why",
  ignore,
  timeout: timeLimit,
  async fn() {
    const { cert, key, caKey, ca } = await makeCertificates("IP:127.0.0.1");
    const broken = (text: string) => text.replace(/\n[^-]+\n/, "\nAAAA\n");
    for (
      const [given, reason] of [
        [{ cert, key: caKey }, "the key is not that of the certificate"],
        [{ cert: broken(cert), key }, "its certificate cannot be read"],
        [{ cert, key: broken(key) }, "its key cannot be read"],
        [{ cert, key: key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE") }, "its key is protected by a passphrase"],
      ] as const
    ) {
      const error = await assertRejects(() => serve(given), TypeError);
      assertStringIncludes(error.message, `Cannot serve wss://127.0.0.1:0/lab: ${reason}`);
    }
    const notices: string[] = [];
    const server = await serve({ cert: ca, key: caKey }, { onNotice: (notice) => notices.push(notice) });
    assertEquals(notices.length, 1);
    assertStringIncludes(notices[0] ?? "", "is that of an authority");
    server.close();
    await server.closed;
  },
});

Deno.test("openTransport() refuses a certificate where none is shown", async () => {
  for (const addresses of [{ remote: "wss://127.0.0.1:9/x" }, { local: "ws://127.0.0.1:0/x" }]) {
    const error = await assertRejects(() => openTransport({ ...addresses, tlsCert: "", tlsKey: "" }), TypeError);
    assertEquals(error.message, "Cannot show a certificate over ws: only mqtts, amqps and servers of wss can");
  }
});

Deno.test({
  name: "openWebSocket() does not ask the API over TLS, which a VILLASnode does not survive, unless it is told to",
  ignore,
  timeout: timeLimit,
  async fn() {
    const { ca, cert, key } = await makeCertificates("IP:127.0.0.1");
    for (const check of [undefined, true]) {
      const questions: string[] = [];
      await using server = new WebSocketTestServer({
        tls: { cert, key },
        answer({ url }) {
          if (!url.includes("/api/")) return undefined;
          questions.push(url);
          return Response.json(running);
        },
      });
      const remote = `wss://127.0.0.1:${server.port}/web`;
      const link = await openWebSocket({ remote, tlsCa: ca, ...check && { check } });
      await link.ready();
      link.close();
      await link.closed;
      assertEquals(questions.length, check ? 1 : 0);
    }
  },
});
