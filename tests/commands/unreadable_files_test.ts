/**
 * Files that cannot be read or written, and a standard output that is full: one line with the place and the reason, status 1.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { run, startPipeline } from "./_cli.ts";

const nowhere = "no/such/folder/file";

/** Command lines whose last argument names the file; each ends before it would wait for anything. */
const lines: readonly (readonly [args: readonly string[], reason: string])[] = [
  [["recv", "--config", `${nowhere}.conf`], "there is no such file or folder"],
  [["doctor", "--config", `${nowhere}.json`], "there is no such file or folder"],
  [["scope", "--view", `${nowhere}.json`], "there is no such file or folder"],
  [["bridge", `${nowhere}.conf`], "there is no such file or folder"],
  [["recv", "--remote", "wss://127.0.0.1:9/a", "--tls-ca", `${nowhere}.pem`], "there is no such file or folder"],
  [["recv", "--config", "lib"], "it is a folder"],
  [["scope", "--view", "lib"], "it is a folder"],
  [["run", "--new", "pi", `${nowhere}.ts`], "there is no such folder"],
  [["recv", "--local", "0", `--stats=${nowhere}.json`], "there is no such folder"],
  [["signal", "sine", "-n", `--stats=${nowhere}.json`], "there is no such folder"],
  [["bridge", "udp://127.0.0.1:0", "udp://127.0.0.1:9", `--stats=${nowhere}.json`], "there is no such folder"],
];

for (const [args, reason] of lines) {
  Deno.test({
    name: `villas-client ${args.join(" ")} names the file and says that ${reason}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      const { code, stdout, stderr } = await run(...args);
      const path = args.at(-1)?.replace("--stats=", "") ?? "";
      assertStringIncludes(stderr, `${path}: ${reason}\n`);
      assertEquals([code, stdout, stderr.split("\n").length], [1, "", 2], stderr);
    },
  });
}

/** Command lines that write to standard output, each in a way of its own. */
const printing: readonly (readonly string[])[] = [
  ["--help"],
  ["signal", "sine", "-n", "-l", "3"],
  ["convert", "tests/data/formats/float.csv"],
  ["info", "tests/data/formats/float.csv"],
  ["config"],
  ["man"],
];

for (const args of printing) {
  Deno.test({
    name: `villas-client ${args.join(" ")} says that the disk is full behind its standard output`,
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using process = startPipeline("> /dev/full", ...args);
      const { code, stderr } = await process.finish();
      const last = stderr.trimEnd().split("\n").at(-1);
      assertEquals([code, last], [1, "villas-client: error: Cannot write standard output: the disk is full"], stderr);
    },
  });
}

Deno.test("digest says in which of its files it found what it cannot decode", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, "garbage\n");
    const { code, stderr } = await run("digest", path);
    assertEquals([code, stderr], [
      1,
      `villas-client: error: ${path}: Cannot decode text as json at line 1, column 1: expected an object\n`,
    ]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("recv says in one line what is wrong with a configuration of several", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, '{"nodes":\n  x\n}\n');
    const { code, stderr } = await run("recv", "--config", path);
    assertEquals([code, stderr.split("\n").length], [2, 3], stderr);
  } finally {
    await Deno.remove(path);
  }
});
