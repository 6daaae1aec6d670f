/**
 * `villas-client digest`, as a process of its own.
 */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "@villas/client";
import { run, start } from "./_cli.ts";
import { testWrongUsages } from "./_wrong_usage.ts";

const folder = new URL("../data/digests/", import.meta.url).pathname;
const recording = `${folder}frames.human,signals=fibcf`;
const digests = `${folder}frames.sha256.digest`;

async function withFile(text: string, suffix: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ suffix });
  try {
    await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("digest prints what VILLASnode writes, and with --last one frame more", async () => {
  const { code, stdout, stderr } = await run("digest", recording);
  assertEquals([code, stdout, stderr], [0, await Deno.readTextFile(digests), ""]);
  const { stdout: all } = await run("digest", recording, "--last", "--frames", "3");
  assertEquals(all.split("\n").length - 1, 4);
  assertEquals(all.startsWith(stdout), true);
});

Deno.test("digest finds a recording equal to the digests of a VILLASnode, whose frames and algorithm it takes", async () => {
  const text = (await Deno.readTextFile(`${folder}frames.human`)).replaceAll(")F", ")");
  await withFile(text, ".human", async (path) => {
    for (const name of ["frames.sha256.digest", "every_250ms.md5.digest"]) {
      const { code, stdout, stderr } = await run("digest", `${path},signals=fibcf`, folder + name);
      assertEquals([code, stdout], [0, ""], stderr);
      assertStringIncludes(stderr, `All 3 frames of ${path} and ${folder}${name} are equal`);
    }
  });
});

Deno.test("digest shows the first frame that differs, and counts all", async () => {
  const text = (await Deno.readTextFile(`${folder}frames.human`)).replace("\t15\t", "\t16\t");
  await withFile(text, ".human", async (path) => {
    const { code, stdout } = await run("digest", `${path},signals=fibcf`, digests);
    const lines = stdout.split("\n");
    assertEquals([code, lines[0]], [1, "The first frame that differs begins with sample 1700000000.300000001-3"]);
    assertMatch(lines[1] ?? "", /: 1700000000\.300000001-3 1700000000\.500000000-5 sha256 [0-9A-F]{64}$/);
    assertEquals(lines[3], `2 frames equal, 1 different, 0 only in ${path}, 0 only in ${digests}`);
    const { stdout: json } = await run("digest", `${path},signals=fibcf`, digests, "--json");
    const { status, equal, different, only, first } = JSON.parse(json);
    assertEquals([status, equal, different, only, first.length], [1, 2, 1, [0, 0], 2]);
  });
});

Deno.test("digest finds a frame that one recording lacks", async () => {
  const lines = (await Deno.readTextFile(`${folder}frames.human`)).split("\n");
  await withFile([...lines.slice(0, 4), ...lines.slice(7)].join("\n"), ".human", async (path) => {
    const { code, stdout } = await run("digest", recording, `${path},signals=fibcf`);
    assertEquals(code, 1);
    assertMatch(
      stdout,
      /^The first difference is the frame that begins with sample 1700000000\.300000001-3: \S+ does not have it\n/,
    );
    assertStringIncludes(stdout, "3 frames equal, 0 different, 1 only in ");
  });
});

Deno.test("digest of a link prints each frame as it ends, and compares what came", async () => {
  await using link = start("digest", "udp://127.0.0.1:0", "--frames", "2", "--count", "5");
  const [, address = ""] = await link.expectError(/Receiving on (\S+)\n/);
  await using sender = await connect({ local: "udp://127.0.0.1:0", remote: address });
  const samples = Array.from({ length: 5 }, (_, index) => ({
    sequence: BigInt(index),
    tsOrigin: { sec: 1, nsec: index },
    values: [index + 0.5],
  }));
  for (const sample of samples.slice(0, 3)) await sender.send(sample);
  await link.expectOutput(/^1\.000000000-0 1\.000000001-1 sha256 .*\n/);
  for (const sample of samples.slice(3)) await sender.send(sample);
  const { code, stdout } = await link.finish();
  assertEquals([code, stdout.split("\n").length], [0, 3]);
  await withFile(stdout, ".digest", async (path) => {
    await using other = start("digest", "udp://127.0.0.1:0", path, "--count", "5");
    const [, where = ""] = await other.expectError(/Receiving on (\S+)\n/);
    await using again = await connect({ local: "udp://127.0.0.1:0", remote: where });
    for (const sample of samples) await again.send(sample);
    const { code, stderr } = await other.finish();
    assertEquals(code, 0, stderr);
  });
});

Deno.test("digest of nothing says so: no frame has ended, and there is none to compare", async () => {
  await withFile("", ".human", async (path) => {
    const { code, stderr } = await run("digest", path);
    assertEquals([code, stderr], [0, "villas-client: No frame has ended: --last writes the digest of the last one\n"]);
    const compared = await run("digest", path, path);
    assertEquals([compared.code, compared.stderr], [1, "villas-client: error: There is no frame to compare\n"]);
  });
});

Deno.test("digest names the line of a file of digests that is none", async () => {
  await withFile(`${await Deno.readTextFile(digests)}oops\n`, ".digest", async (path) => {
    const { code, stderr } = await run("digest", recording, path);
    assertEquals([code, stderr.split("\n").length], [1, 2]);
    assertStringIncludes(stderr, `error: Cannot read ${path}, line 4: Cannot read "oops" as a digest`);
  });
});

Deno.test("digest refuses a file of digests that is something else, however long its lines are", async () => {
  for (const text of ["A".repeat(2 ** 20), "\0\x1b[2J\xff".repeat(5000), "{}", "5.1-0 5.2-1 md5 AB\n\n5.1"]) {
    await withFile(text, ".digest", async (path) => {
      const { code, stdout, stderr } = await run("digest", recording, path);
      assertEquals([code, stdout, stderr.split("\n").length], [1, "", 2], stderr.slice(0, 500));
      assertMatch(
        stderr,
        /^villas-client: error: Cannot read \S+, line [13]: Cannot read "[ -~\u00ff\ufffd]{0,300}" as a digest: expected /,
      );
    });
  }
});

testWrongUsages([
  [["digest"], "SOURCE is missing: give a file or an address"],
  [["digest", digests], `Cannot compute digests of ${digests}: it has digests; give a second source`],
  [
    ["digest", recording, "--algorithm", "sha-3.5"],
    'Cannot find the algorithm "sha-3.5": expected a name such as sha256',
  ],
  [["digest", recording, "--frames", "soon"], 'Cannot set --frames to "soon": expected a time such as 500ms or 2s...'],
  [["digest", digests, `${folder}every_250ms.md5.digest`], "Cannot compare digests of sha256 with those of md5"],
  [["digest", "a.bin"], "Cannot compute digests of a.bin without signals: villas.binary does not carry types"],
  [["digest", "-", "-"], "Cannot use standard input twice"],
]);
