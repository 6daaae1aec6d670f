import { assertEquals } from "@std/assert";
import { templates } from "../../lib/controllers/templates/table.ts";
import { templateNames } from "../../lib/controllers/templates/template.ts";
import { timeLimit } from "../_time_limits.ts";
import { runArguments, startProgram } from "../commands/_cli.ts";
import { templateTests } from "./_templates.ts";
import { withFolder } from "../_folders.ts";

/** Runs a test in a folder with all templates as the command writes them. */
async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    for (const [name, { text }] of Object.entries(templates)) await Deno.writeTextFile(`${folder}/${name}.ts`, text);
    await test(folder);
  });
}

Deno.test("run --new: each template does what it says, facing a peer over UDP", { timeout: timeLimit }, async () => {
  assertEquals(Object.keys(templateTests), [...templateNames]);
  await inFolder(async (folder) => {
    // All of it: on a new machine, Deno fetches a package first, perhaps past a proxy or with an authority of its own.
    const env = { ...Deno.env.toObject(), NO_COLOR: "1" };
    const start = (...args: string[]) => startProgram(Deno.execPath(), runArguments(...args), folder, env);
    await Promise.all(Object.values(templateTests).map((test) => test(start, folder)));
  });
});
