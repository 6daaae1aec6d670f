/**
 * Bundles the page of the scope into one module that ships: JSR takes no imports of text, and the executable no files.
 * `deno task page` writes it, and a test fails when it is not what the sources make.
 *
 * @module
 */

const root = new URL("../", import.meta.url);
const source = new URL("lib/scope/page/", root);

/** The module that ships. */
export const bundlePath: URL = new URL("lib/scope/_page_bundle.ts", root);

const notice = `uPlot 1.6.32, https://github.com/leeoniya/uPlot

The MIT License (MIT)
Copyright (c) 2022 Leon Sorokin

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * Bundles the page.
 *
 * @returns The text of the module
 */
export async function bundlePage(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "villas-page-" });
  try {
    const path = `${folder}/scope.js`;
    // Without the checkout's settings, which would look for npm packages in a folder of its own.
    const args = ["bundle", "--quiet", "--no-config", "--platform", "browser", "--minify", "--output", path];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, new URL("main.ts", source).pathname],
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`Cannot bundle the page: ${new TextDecoder().decode(stderr)}`);
    const parts = {
      html: await Deno.readTextFile(new URL("index.html", source)),
      style: minifyStyle(await Deno.readTextFile(new URL("style.css", source))),
      icon: await Deno.readTextFile(new URL("icon.svg", source)),
      script: await Deno.readTextFile(path),
    };
    return [
      "// deno-fmt-ignore-file\n// deno-lint-ignore-file",
      `/**\n * The page of the scope, made by \`deno task page\` from the folder \`page\`: do not edit. It contains\n * ${
        notice.replaceAll("\n", "\n * ").replaceAll(" \n", "\n")
      }\n *\n * @module\n */\n`,
      ...Object.entries(parts).map(([name, text]) => `export const ${name}: string = ${JSON.stringify(text)};`),
      "",
    ].join("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function minifyStyle(text: string): string {
  return text.replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").trim();
}

if (import.meta.main) await Deno.writeTextFile(bundlePath, await bundlePage());
