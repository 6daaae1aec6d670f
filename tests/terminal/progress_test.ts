import { assertEquals, assertMatch } from "@std/assert";
import { describeProgress, showProgress } from "../../lib/terminal/progress.ts";
import { createKeptLog } from "./_kept_log.ts";

Deno.test("showProgress() asks nobody where no person watches", () => {
  const { log, kept } = createKeptLog("info", false);
  {
    using _progress = showProgress(log, () => {
      throw new Error("nobody asks");
    });
  }
  assertEquals(kept.text, "");
});

Deno.test("describeProgress() says what is known", () => {
  assertEquals(
    describeProgress({ what: "Recording a.csv", samples: 5 }, 2.25),
    "Recording a.csv: 5 samples, 2.3 samples/s",
  );
  assertEquals(
    describeProgress({ what: "Sending a.csv", samples: 12345, fraction: 0.429, note: "missing 0" }, 123.4),
    "Sending a.csv: 42 %, 12345 samples, 123 samples/s, missing 0",
  );
  assertMatch(describeProgress({ what: "x", samples: 1, fraction: 1.2 }, 0), /100 %/);
});

Deno.test("describeProgress() fits a line whatever the length of the path, and keeps both of its ends", () => {
  const state = { what: `Recording /data/${"measurement/".repeat(20)}run1.csv`, samples: 12345, note: "missing 0" };
  for (const width of [80, 100, 200]) {
    const line = describeProgress(state, 123.4, width);
    assertEquals(line.length, width);
    assertMatch(line, /^Recording .*\.\.\..*run1\.csv: 12345 samples, 123 samples\/s, missing 0$/);
  }
});
