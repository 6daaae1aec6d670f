/**
 * The command line run from a URL, as a user does it: from an empty folder, with the flags of the README and no others.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { version } from "@villas/client";
import { protobuf } from "@villas/client/formats";
import { openUdp } from "@villas/client/transports";
import { startProgram } from "../commands/_cli.ts";

const root = new URL("../../", import.meta.url);

/** The checkout, over HTTP on this machine, with the media types of a repository's server. */
function serveCheckout(): Disposable & { readonly url: string; readonly requested: Set<string> } {
  const requested = new Set<string>();
  const aborted = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: aborted.signal, onListen: () => {} },
    async ({ url }) => {
      const { pathname } = new URL(url);
      requested.add(pathname);
      try {
        const text = await Deno.readTextFile(new URL(`.${pathname}`, root));
        return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
      } catch {
        return new Response("not found", { status: 404 });
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requested,
    [Symbol.dispose]: () => aborted.abort(),
  };
}

/**
 * A folder that is empty, but for the packages of JSR on a machine where the checkout has them from elsewhere: see
 * .ci/prepare.ts.
 */
async function makeFolder(): Promise<AsyncDisposable & { readonly path: string; readonly flags: string[] }> {
  const path = await Deno.makeTempDir({ prefix: "villas-url-" });
  const vendor = new URL("vendor/", root);
  const isVendored = await copyFolder(vendor, new URL(`file://${path}/vendor/`));
  return {
    path,
    flags: isVendored ? ["--vendor", "--node-modules-dir=none"] : [],
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Copies a folder, if it is there. */
async function copyFolder(from: URL, to: URL): Promise<boolean> {
  let entries: Deno.DirEntry[];
  try {
    entries = await Array.fromAsync(Deno.readDir(from));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of entries) {
    if (isDirectory) await copyFolder(new URL(`${name}/`, from), new URL(`${name}/`, to));
    else await Deno.copyFile(new URL(name, from), new URL(name, to));
  }
  return true;
}

/** Deno's cache, for what comes from this machine to be forgotten with; packages of npm are those that are there. */
const cache = await Deno.makeTempDir({ prefix: "villas-cache-" });
const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
await Deno.symlink(JSON.parse(new TextDecoder().decode(info.stdout)).npmCache, `${cache}/npm`, { type: "dir" });
Deno.test.afterAll(() => Deno.remove(cache, { recursive: true }));

const registry = Deno.env.get("NPM_CONFIG_REGISTRY");
const env = {
  HOME: Deno.env.get("HOME") ?? "/",
  DENO_DIR: cache,
  NO_COLOR: "1",
  ...registry === undefined ? {} : { NPM_CONFIG_REGISTRY: registry },
};

Deno.test("cli.ts runs from a URL with --unstable-net -A, and answers over UDP", async () => {
  using server = serveCheckout();
  await using folder = await makeFolder();
  using node = await openUdp({ local: "udp://127.0.0.1:0" });
  const args = ["run", ...folder.flags, "--unstable-net", "-A", `${server.url}/cli.ts`];
  const echo = ["echo", "--local", "udp://127.0.0.1:0", "--remote", node.local, "--count", "1"];
  await using process = startProgram(Deno.execPath(), [...args, ...echo], folder.path, env);
  const [, local = ""] = await process.expectError(/Receiving on (udp:\S+),/);
  await node.setRemote(local);
  await node.send([protobuf().encode([{ sequence: 7n, values: [1.5] }])]);
  const [answer = new Uint8Array()] = await node.receive();
  assertEquals(protobuf().decode(answer).map(({ sequence, values }) => [sequence, values]), [[7n, [1.5]]]);
  const { code, stdout } = await process.finish();
  assertEquals([code, stdout], [0, '{"sequence": 7, "data": [1.5]}\n']);
  // Its files came from there.
  assert(server.requested.has("/lib/commands/echo.ts"));
});

Deno.test("cli.ts from a URL loads every command, and makes no file in the folder that it runs in", async () => {
  using server = serveCheckout();
  await using folder = await makeFolder();
  const args = ["run", "-q", ...folder.flags, "--unstable-net", "-A", `${server.url}/cli.ts`];
  await using process = startProgram(Deno.execPath(), [...args, "man"], folder.path, env);
  const { code, stdout, stderr } = await process.finish();
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, `villas\\-client ${version}`);
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name);
  assertEquals(names.filter((name) => name !== "vendor"), []);
});

Deno.test("cli.ts from a URL without --unstable-net names the flag", async () => {
  using server = serveCheckout();
  await using folder = await makeFolder();
  const args = ["run", "-q", ...folder.flags, "-A", `${server.url}/cli.ts`, "echo", "--local", "udp://127.0.0.1:0"];
  await using process = startProgram(Deno.execPath(), args, folder.path, env);
  const { code, stdout, stderr } = await process.finish();
  assertEquals([code, stdout], [1, ""]);
  assertMatch(
    stderr,
    /^villas-client: error: Cannot open udp:\/\/127\.0\.0\.1:0: datagram sockets need Deno's flag --unstable-net, .*\n$/,
  );
});

Deno.test("every file of lib/ imports packages by full specifiers, with versions", async () => {
  const checked: string[] = [];
  async function check(folder: URL): Promise<void> {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) {
        await check(new URL(`${name}/`, folder));
        continue;
      }
      const text = await Deno.readTextFile(new URL(name, folder));
      // What stands in comments is for who uses the package.
      const code = text.replace(/^ *\/\*\*[^]*?\*\//gm, "");
      for (const [, specifier = ""] of code.matchAll(/(?:\bfrom |^import |\bimport\()"([^"\s]+)"/gm)) {
        assertMatch(
          specifier,
          /^(\.\.?\/[\w./]+\.ts|(npm:|jsr:)@?[\w/-]+@\^?\d+\.\d+\.\d+(\/[\w./-]+)?|node:[\w/]+)$/,
          name,
        );
        checked.push(specifier);
      }
      // deno compile embeds the modules of lib/ and what they import statically: see compile.include in deno.json.
      assertEquals(code.match(/\bimport\("(npm|jsr):[^"]*"\)/g) ?? [], [], `${name} imports a package dynamically`);
    }
  }
  await check(new URL("lib/", root));
  assert(checked.length > 200);
});
