import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { json } from "@villas/client/formats";
import { withFolder } from "../_folders.ts";
import { run } from "./_cli.ts";
import { startRecv } from "./_recv.ts";

const csv = "# secs,nsecs,offset,sequence,va[V],my b\n1,5,nan,0,1,2.5\n2,0,nan,1,2,nan\n3,0,nan,2,2.5,inf\n";
const lines = "villas va=1,my\\ b=2.5 1000000005\nvillas va=2 2000000000\nvillas va=2.5 3000000000\n";

Deno.test("convert writes csv as .lp with the names of its header, and says what it left out; and back with the names", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, csv);
    const there = await run("convert", `${folder}/a.csv`, "--output", `${folder}/a.lp`);
    assertEquals(there.code, 0, there.stderr);
    assertEquals(await Deno.readTextFile(`${folder}/a.lp`), lines);
    assertStringIncludes(
      there.stderr,
      `${folder}/a.lp: Left out values that influx has no place for: NaN (once), infinity (once)\n`,
    );
    const back = await run("convert", `${folder}/a.lp`, "-o", "csv");
    assertEquals(back.stdout.split("\n").slice(0, 2), [
      "# secs,nsecs,offset,sequence,va,my b",
      "1,000000005,nan,nan,1.00000000000000000,2.50000000000000000",
    ]);
  }));

Deno.test("convert refuses a header whose names InfluxDB cannot have, with the name", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, csv.replace("my b", "time"));
    await Deno.writeTextFile(`${folder}/a.lp`, "older");
    const { code, stderr } = await run("convert", `${folder}/a.csv`, "--output", `${folder}/a.lp`);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, 'Cannot write "time" as the field of format influx: InfluxDB keeps it for itself');
    assertEquals(await Deno.readTextFile(`${folder}/a.lp`), "older");
  }));

Deno.test("recv -o x.lp records lines, and says once, and with a number in the end, that NaN has no place", () =>
  withFolder(async (folder) => {
    const file = `${folder}/x.lp`;
    await using pair = await startRecv("-f", "influx", "-o", file, "-t", "2f", "--count", "3", "--timeout", "20");
    for (const sec of [1, 2, 3]) {
      // VILLASnode writes NaN so.
      await pair.peer.send([new TextEncoder().encode(`m signal0=${sec}.5,signal1=-nan ${sec}000000000\n\0`)]);
    }
    const { code, stderr } = await pair.recv.finish();
    assertEquals(code, 0, stderr);
    assertEquals(
      await Deno.readTextFile(file),
      [1, 2, 3].map((sec) => `villas signal0=${sec}.5 ${sec}000000000\n`).join(""),
    );
    assertEquals(stderr.match(/A value is NaN, which influx has no place for/g)?.length, 1, stderr);
    assertMatch(stderr, /Left out values that influx has no place for: NaN \(3 times\)/);
  }));

Deno.test("recv -f auto detects the datagrams of VILLASnode's influxdb node", async () => {
  await using pair = await startRecv("-f", "auto", "--count", "2", "--timeout", "20");
  const vector = await Deno.readFile(new URL("../data/influx/fibc_0.bin", import.meta.url));
  await pair.peer.send([vector, vector]);
  const { code, stdout, stderr } = await pair.recv.finish();
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "Detected format influx");
  const [sample] = json().decode(new TextEncoder().encode(`[${stdout.split("\n")[0]}]`));
  assertEquals(sample?.values, [1.5, -42, true, { real: 0.5, imag: -0.25 }]);
});
