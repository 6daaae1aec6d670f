/**
 * No command destroys what it reads, or what it writes otherwise: wrong usage, and no file touched.
 */

import { assertEquals } from "@std/assert";
import { run, startPipeline } from "./_cli.ts";

const text = "1.000000001(0)\t1.5\n1.000000002(1)\t2.5\n";

/** Files that each test has: a recording, its symbolic and its hard link, and a symbolic link that leads nowhere yet. */
async function withFiles(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/k.txt`, text);
    await Deno.symlink("k.txt", `${folder}/soft.txt`);
    await Deno.link(`${folder}/k.txt`, `${folder}/hard.txt`);
    await Deno.symlink("new.json", `${folder}/dangling.json`);
    await Deno.mkdir(`${folder}/sub`);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Command lines, in which `@` stands for the folder; the end of their message. */
const conflicts: [line: string, message: string][] = [
  ["convert @/k.txt --output @/k.txt", "@/k.txt: it is also an input"],
  ["convert @/k.txt --output @/sub/../k.txt", "@/sub/../k.txt: it is also an input"],
  ["convert @/k.txt --output @/soft.txt", "@/soft.txt: it is also an input"],
  ["convert @/soft.txt --output @/hard.txt", "@/hard.txt: it is also an input"],
  ["convert --output @/k.txt < @/k.txt", "@/k.txt: it is also standard input"],
  ["convert - --output @/hard.txt < @/soft.txt", "@/hard.txt: it is also standard input"],
  ["convert /dev/fd/3 -i villas.human --output @/k.txt 3< @/k.txt", "@/k.txt: it is also an input"],
  ["convert @/k.txt -o json --output /dev/fd/3 3<> @/k.txt", "/dev/fd/3: it is also an input"],
  ["convert @/k.txt -o json --output /proc/self/fd/3 3<> @/k.txt", "/proc/self/fd/3: it is also an input"],
  ["convert @/k.txt >> @/k.txt", "standard output: it is also an input"],
  ["convert >> @/k.txt < @/hard.txt", "standard output: it is also standard input"],
  ["convert @/k.txt --output @/e.txt > @/e.txt", "@/e.txt: it is also standard output"],
  ["send @/k.txt --stats=@/k.txt", "@/k.txt: it is also an input"],
  ["send --stats=@/hard.txt < @/k.txt", "@/hard.txt: it is also standard input"],
  ["recv -o @/a.json --stats=@/a.json", "@/a.json: it is also the file of -o"],
  ["recv --output @/a.json --stats=@/sub/../a.json", "@/sub/../a.json: it is also the file of --output"],
  ["recv -o @/dangling.json --stats=@/new.json", "@/new.json: it is also the file of -o"],
  ["recv --config @/k.conf -o @/k.conf --print json", "@/k.conf: it is also --config"],
  ["recv -o @/a.json 2> @/a.json", ""],
  ["rtt --svg @/x_values1_rate100.log --log @/x", "@/x_values1_rate100.log: it is also the file of --svg"],
  ["rtt --svg @/new.json --log @/y > @/new.json", "@/new.json: it is also standard output"],
];

for (const [line, message] of conflicts) {
  Deno.test(`villas-client ${line} touches nothing`, () =>
    withFiles(async (folder) => {
      const config = 'nodes = { n = { type = "socket", in = { address = "127.0.0.1:1" }, ' +
        'out = { address = "127.0.0.1:2" } } }';
      await Deno.writeTextFile(`${folder}/k.conf`, config);
      const [, name = "", words = "", redirections = ""] =
        /^(\S+) (.*?)((?: ?\d?(?:>>|<>|[<>]) \S+)*)$/.exec(line.replaceAll("@", folder)) ?? [];
      const args = words.trim() === "" ? [] : words.trim().split(" ");
      await using process = startPipeline(redirections, name, ...args);
      const { code, stdout, stderr } = await process.finish();
      assertEquals([code, stdout], [2, ""], stderr);
      if (message !== "") {
        const [first] = stderr.split("\n");
        assertEquals(first, `villas-client: error: Cannot write to ${message.replaceAll("@", folder)}`);
      }
      for (const file of ["k.txt", "soft.txt", "hard.txt"]) {
        assertEquals(await Deno.readTextFile(`${folder}/${file}`), text);
      }
      assertEquals(await Deno.readTextFile(`${folder}/k.conf`), config);
      // Nothing was created, but by the shell.
      const entries = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
      const own = ["k.txt", "soft.txt", "hard.txt", "dangling.json", "sub", "k.conf"];
      const created = entries.filter((entry) => !own.includes(entry) && !redirections.includes(`/${entry}`));
      assertEquals(created, []);
    }));
}

Deno.test("a file may be read twice, and a stream that is not a file may be written twice", () =>
  withFiles(async (folder) => {
    const equal = await run("compare", `${folder}/k.txt`, `${folder}/hard.txt`);
    assertEquals(equal.code, 0, equal.stderr);
    const silent = await run("convert", `${folder}/k.txt`, "-o", "json", "--output", "/dev/null");
    assertEquals(silent.code, 0, silent.stderr);
    await using both = startPipeline(`> ${folder}/log 2>&1`, "convert", `${folder}/k.txt`, "-o", "json");
    const { code } = await both.finish();
    assertEquals([code, (await Deno.readTextFile(`${folder}/log`)).split("\n").length], [0, 3]);
    const other = await run("convert", `${folder}/k.txt`, "--output", `${folder}/dangling.json`);
    assertEquals(other.code, 0, other.stderr);
  }));
