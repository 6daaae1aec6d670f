import { assert, assertEquals } from "@std/assert";
import { bundlePage, bundlePath } from "../../.ci/page.ts";

Deno.test("_page_bundle.ts is what the sources of the page make: deno task page", async () => {
  assertEquals(await Deno.readTextFile(bundlePath) === await bundlePage(), true, "it is stale: run deno task page");
});

Deno.test("the page has at most 120 KB, compressed", async () => {
  const { html, script, style, icon } = await import("../../lib/scope/_page_bundle.ts");
  const stream = new Blob([html, script, style, icon]).stream().pipeThrough(new CompressionStream("gzip"));
  const { byteLength } = await new Response(stream).arrayBuffer();
  assert(byteLength < 120_000, `${byteLength} bytes`);
});
