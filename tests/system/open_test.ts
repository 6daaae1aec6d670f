import { assertEquals, assertRejects } from "@std/assert";
import { openToRead, readWholeFile, readWholeText } from "../../lib/system/open.ts";

const readers = { openToRead, readWholeFile, readWholeText };

for (const [name, read] of Object.entries(readers)) {
  Deno.test(`${name}() names the file that is not there`, async () => {
    const error = await assertRejects(() => read("none/such.json"), Deno.errors.NotFound);
    assertEquals(error.message.replace("open", "read"), "Cannot read none/such.json: there is no such file or folder");
  });

  Deno.test(`${name}() says that a folder is one`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const error = await assertRejects(
        () => read(folder),
        Deno.build.os === "windows" ? Error : Deno.errors.IsADirectory,
      );
      if (Deno.build.os !== "windows") assertEquals(error.message, `Cannot read ${folder}: it is a folder`);
    } finally {
      await Deno.remove(folder);
    }
  });
}

Deno.test("readWholeText() reads what is not UTF-8, too", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, Uint8Array.of(97, 0xff, 98));
    assertEquals(await readWholeText(path), "a\ufffdb");
  } finally {
    await Deno.remove(path);
  }
});
