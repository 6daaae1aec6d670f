/**
 * Recordings of 50,000 samples of 8 floats a second in the files of other tools: none is lost.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createFileFormat, describeReader, formatForPath } from "@villas/client/recordings";
import { run, start } from "../commands/_cli.ts";
import { withFolder } from "../_folders.ts";
import { followPeakMemory } from "./_peak_memory.ts";
import { isFull, scaled } from "./_scale.ts";

/** Samples per second; fewer where only a part is done, which shares its machine with other tests. */
const rate = scaled(50_000, 5000);

const seconds = scaled(60, 2);

/** Longest time of all, in milliseconds. */
const patience = 60_000 + 10_000 * seconds;

for (const ending of ["parquet", "mat"]) {
  Deno.test({
    name: `recv -o x.${ending} loses none of ${rate} samples of 8 floats a second for ${seconds} s`,
    ignore: Deno.build.os !== "linux",
    fn: () =>
      withFolder(async (folder) => {
        const path = `${folder}/x.${ending}`;
        const count = rate * seconds;
        await using recv = start(
          ...[
            "recv",
            "--local",
            "udp://127.0.0.1:0",
            "-t",
            "8f",
            "-o",
            path,
            "--count",
            String(count),
            "--timeout",
            "60",
          ],
        );
        const timer = setTimeout(() => recv.kill("SIGKILL"), patience);
        try {
          const [, local = ""] = await recv.expectError(/Receiving on (\S+) from/);
          const peak = followPeakMemory(recv.pid);
          const sender = ["--local", "udp://127.0.0.1:0", "--remote", local, "-r", String(rate), "-l", String(count)];
          const sent = await run("signal", "sine", "-v", "8", "-f", "protobuf", ...sender);
          assertEquals(sent.code, 0, sent.stderr);
          const { code, stderr } = await recv.finish();
          if (isFull) {
            const [reached] = /\d+\.\d samples\/s/.exec(stderr) ?? [];
            console.warn(`.${ending}: ${reached}, ${((await peak) / 1e6).toFixed(0)} MB`);
          }
          assertStringIncludes(stderr, "Missing 0, duplicate 0, reordered 0, refused 0");
          assertEquals(code, 0, stderr);
          const reader = await (await createFileFormat(formatForPath(path) ?? "")).open(path);
          const info = await describeReader(reader);
          assertEquals([info.samples, info.sequence?.missing, info.signals.length], [count, 0, 8]);
          assert(info.signals.every(({ nan }) => nan === 0));
          await peak;
        } finally {
          clearTimeout(timer);
        }
      }),
  });
}
