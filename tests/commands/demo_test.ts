import { assertEquals, assertMatch } from "@std/assert";
import { run, start } from "./_cli.ts";

Deno.test("demo prints samples, what came back and the round-trip times, and ends with status 0", async () => {
  const { code, stdout, stderr } = await run("demo", "--rate", "100", "--values", "2", "--duration", "300ms");
  assertEquals(code, 0);
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines.map(({ sequence }) => sequence), [0, 10, 20]);
  assertEquals(lines[0].data.length, 2);
  assertMatch(stderr, /The peer sent 30 samples; 30 came back, 0 were lost, 0 altered\n/);
  assertMatch(stderr, /Round trip in microseconds: min \d+, p50 \d+, mean \d+, p99 \d+, max \d+\n/);
});

Deno.test("demo ends at once with status 0 when it is interrupted", async () => {
  await using demo = start("demo", "--duration", "1h");
  await demo.expectOutput(/"sequence": 1/);
  demo.kill("SIGINT");
  const { code, stderr } = await demo.finish();
  assertEquals(code, 0);
  assertMatch(stderr, /0 altered/);
});

Deno.test("demo prints in every text format", async () => {
  const { code, stdout } = await run("demo", "--duration", "0.1", "--print", "tsv");
  assertEquals(code, 0);
  assertMatch(stdout, /^# secs\tnsecs\toffset\tsequence\tsignal0\tsignal1\tsignal2\n\d+\t\d{9}\tnan\t0\t/);
});
