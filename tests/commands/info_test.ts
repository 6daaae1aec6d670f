import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { withFolder } from "../_folders.ts";
import { run } from "./_cli.ts";

const csv = `# secs,nsecs,offset,sequence,va,vb
1700000000,0,nan,0,1.5,-2.25
1700000000,100000000,nan,1,230.1,0.5
1700000000,400000000,nan,3,-230.1,nan
`;

Deno.test("info describes a file of text with the names of its header, and the records that it cannot read", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, `${csv}x,y\n`);
    const { code, stdout, stderr } = await run("info", `${folder}/a.csv`);
    assertEquals(code, 1);
    assertMatch(stderr, /a\.csv: Cannot decode text as csv at line 5/);
    assertStringIncludes(stdout, "  unreadable  1\n");
    assertStringIncludes(stdout, "  start       2023-11-14T22:13:20.000000000Z\n");
    assertStringIncludes(stdout, "  sequence    missing 1, duplicate 0, reordered 0, restarts 0\n");
    assertMatch(
      stdout,
      /\n {2}signal +type +minimum +maximum +NaN\n {2}va +float +-230\.1 +230\.1\n {2}vb +float +-2\.25 +0\.5 +1\n$/,
    );
  });
});

Deno.test("info --json gives one object per file, of any format, with units and what the file says of itself", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.csv`, csv);
    const signals = '[{"name": "va", "unit": "V"}, {"name": "vb"}]';
    for (const ending of ["cfg", "mat"]) {
      const { code, stderr } = await run(
        "convert",
        `${folder}/a.csv`,
        "-t",
        signals,
        "--output",
        `${folder}/a.${ending}`,
      );
      assertEquals(code, 0, stderr);
    }
    const { code, stdout } = await run(
      "info",
      "--json",
      ...["csv", "cfg", "mat"].map((ending) => `${folder}/a.${ending}`),
    );
    assertEquals(code, 0);
    const [text, record, matrix] = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals([text.samples, text.start, text.duration, text.gaps.count], [3, [1_700_000_000, 0], 0.4, 1]);
    assertEquals(record.properties.data, "binary32");
    assertEquals(record.signals[0], {
      name: "va",
      unit: "V",
      types: { float: 3 },
      minimum: -230.1,
      maximum: 230.1,
      nan: 0,
    });
    assertEquals(matrix.signals, record.signals);
  });
});

Deno.test("info names the file that it cannot read, and reads standard input once", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.cfg`, "x");
    const missing = await run("info", `${folder}/a.cfg`);
    assertEquals(missing.code, 1);
    assertMatch(missing.stderr, /a\.dat|a\.cfg/);
    assertMatch((await run("info", "-", "-")).stderr, /Cannot read standard input twice/);
  });
});
