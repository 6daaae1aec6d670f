import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "./_cli.ts";
import { isInstalled } from "../terminal/_shells.ts";
import type { Command } from "../../lib/terminal/command.ts";
import { manualPage } from "../../lib/terminal/manual.ts";
import { text } from "../../lib/terminal/option.ts";
import { commonOptions } from "../../lib/commands/_shared/options.ts";
import { program } from "../../lib/commands/_shared/program.ts";
import { commands } from "../../lib/commands/table.ts";

/** Has groff format a page, as `man` does; returns what it says on standard error, and the text. */
async function format(page: string): Promise<{ warnings: string; text: string }> {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, page);
  const { stdout, stderr } = await new Deno.Command("groff", {
    args: ["-mandoc", "-ww", "-Tutf8", "-P-cbou", "-rLL=200n", file],
  }).output();
  await Deno.remove(file);
  const decoder = new TextDecoder();
  return { warnings: decoder.decode(stderr), text: decoder.decode(stdout).replace(/\s+/g, " ") };
}

const hasGroff = await isInstalled("groff");

Deno.test({
  name: "man prints a page that groff formats without a warning, with every command, option, example and variable",
  ignore: !hasGroff,
  async fn() {
    const { code, stdout, stderr } = await run("man");
    assertEquals([code, stderr], [0, ""]);
    const { warnings, text } = await format(stdout);
    assertEquals(warnings, "");
    for (const { name, summary, load } of commands) {
      const command = await load();
      assertStringIncludes(text, `${name}: ${summary}`);
      for (const [option, { env }] of Object.entries(command.options)) {
        assertStringIncludes(text, `--${option}`);
        if (env !== undefined) assertStringIncludes(text, ` ${env} Value of`);
      }
      for (const { line } of command.examples) assertStringIncludes(text, line.replace(/\s+/g, " "));
    }
  },
});

Deno.test({
  name: "manualPage() shows texts as they are, whatever they mean to the formatter",
  ignore: !hasGroff,
  async fn() {
    const odd = [".SH is no heading", "'tis no request", "a \\fBbackslash\\fR", "-- \"quotes\" 'too' ~ ^ `"];
    const command: Command = {
      name: "odd",
      operands: "",
      maximumOperands: 0,
      description: odd,
      examples: [{ what: ".PP what", line: `villas-client odd '{"a":"\\n"}'` }],
      options: { file: text("FILE", { short: "f", help: "'a file", env: "ODD_FILE" }), ...commonOptions },
      run: () => Promise.resolve(0),
    };
    const { warnings, text: formatted } = await format(manualPage(program, [{ summary: ".summary", command }]));
    assertEquals(warnings, "");
    for (const paragraph of [...odd, ".PP what:", `villas-client odd '{"a":"\\n"}'`, "odd: .summary"]) {
      assertStringIncludes(formatted, paragraph);
    }
    assertStringIncludes(formatted, "-f, --file FILE 'a file (default: $ODD_FILE)");
    assertStringIncludes(formatted, "ODD_FILE Value of --file if the option is not given.");
    // What every command has stands there once.
    assertEquals(formatted.split("--quiet").length, 2);
  },
});

Deno.test("manualPage() begins with the title that man looks for", () => {
  const page = manualPage({ ...program, version: "1.2.3" }, []);
  assert(page.startsWith('.TH VILLAS\\-CLIENT 1 "" "villas\\-client 1.2.3" "User Commands"\n'));
});
