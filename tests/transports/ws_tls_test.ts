/**
 * WebSockets over TLS, with certificates that openssl makes for the tests; they are ignored where it is missing.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type ConnectionOptions, openWebSocket } from "@villas/client/transports";
import { canRun, run } from "./_run.ts";
import { WebSocketTestServer } from "./_ws_server.ts";

const ignore = !await canRun("openssl", ["version"]);
if (ignore) console.warn("IGNORED: openssl, which makes the certificates for the tests of wss, is not installed");

/** An authority, and the certificate and the key of a server. */
interface Certificates {
  readonly ca: string;
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
  await openssl(
    "req",
    "-x509",
    ...key,
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
    "-days",
    "2",
    "-subj",
    "/CN=Test CA",
  );
  await openssl("req", ...key, "-keyout", at("key.pem"), "-out", at("csr.pem"), "-subj", "/CN=server");
  await Deno.writeTextFile(at("ext"), `subjectAltName=${subject}\nbasicConstraints=CA:FALSE\n`);
  const authority = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial"];
  await openssl(
    "x509",
    "-req",
    "-in",
    at("csr.pem"),
    ...authority,
    "-out",
    at("cert.pem"),
    "-days",
    "2",
    "-extfile",
    at("ext"),
  );
  const [ca, cert, pem] = await Promise.all(
    ["ca.pem", "cert.pem", "key.pem"].map((name) => Deno.readTextFile(at(name))),
  );
  await Deno.remove(folder, { recursive: true });
  return { ca: ca ?? "", cert: cert ?? "", key: pem ?? "" };
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
  async fn() {
    const certificates = await makeCertificates("IP:127.0.0.1");
    assertEquals(await tryConnect(certificates, { tlsCa: certificates.ca }), undefined);
    assertEquals(await tryConnect(certificates, { tlsCa: certificates.ca, check: false }), undefined);
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
