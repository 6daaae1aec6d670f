/**
 * A registry like JSR on this machine, which has this package as it would be published.
 *
 * @module
 */

import { checkout } from "./_executable.ts";

interface Package {
  version: string;
  exports: Record<string, string>;
  publish: { include: string[] };
}

/** A registry for `JSR_URL`. */
export interface Registry extends AsyncDisposable {
  /** Its address. */
  readonly url: string;
}

/** Starts a registry that serves this package, and the packages of Deno's standard library that the checkout has. */
export async function startRegistry(): Promise<Registry> {
  const { version, exports, publish } = JSON.parse(await Deno.readTextFile(new URL("deno.json", checkout))) as Package;
  const published = (await Promise.all(publish.include.map(listFiles))).flat();
  const manifest = Object.fromEntries(await Promise.all(published.map(describeFile)));
  const own: Record<string, string> = {
    "meta.json": JSON.stringify({ scope: "villas", name: "client", latest: version, versions: { [version]: {} } }),
    [`${version}_meta.json`]: JSON.stringify({ manifest, exports }),
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const path = new URL(url).pathname.slice(1);
    const file = path.startsWith("@villas/client/") ? path.slice("@villas/client/".length) : undefined;
    if (file === undefined) return await sendFile(new URL(`vendor/jsr.io/${path}`, checkout));
    const described = own[file];
    if (described !== undefined) return new Response(described, { headers: { "content-type": "application/json" } });
    return await sendFile(new URL(file.slice(version.length + 1), checkout));
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

async function sendFile(url: URL): Promise<Response> {
  const type = /\.ts$/.test(url.pathname) ? "text/typescript" : /\.js$/.test(url.pathname) ? "text/javascript" : "";
  try {
    return new Response(await Deno.readFile(url), { headers: { "content-type": type || "application/json" } });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Response("not found", { status: 404 });
    throw error;
  }
}

/** A file of the package as the list of a registry has it. */
async function describeFile(path: string) {
  const bytes = await Deno.readFile(new URL(path, checkout));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [`/${path}`, { size: bytes.length, checksum: `sha256-${digest.toHex()}` }] as const;
}

/** The files below a path of the checkout, or the file that it is. */
async function listFiles(path: string): Promise<string[]> {
  if ((await Deno.stat(new URL(path, checkout))).isFile) return [path];
  const entries = await Array.fromAsync(Deno.readDir(new URL(path, checkout)));
  return (await Promise.all(entries.map(({ name }) => listFiles(`${path}/${name}`)))).flat();
}
