/// <reference lib="dom" />
import { assertEquals, assertMatch } from "@std/assert";
import { startFed } from "../commands/_cli.ts";
import { testInBrowser, visit } from "./_browser.ts";

testInBrowser(
  "run --scope shows a controller while it runs, and its parameters follow the page and the terminal",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "villas-scope-run-" });
    await using run = startFed("run", "--new", "pi", `${folder}/pi.ts`);
    assertEquals((await run.finish()).code, 0);
    await using tuned = startFed("run", "--plant", `${folder}/pi.ts`, "--scope", "--print", "none");
    const [, url = ""] = await tuned.expectError(/Showing it at (http:\S+)/);
    await using visitor = await visit(url);
    const { page } = visitor;
    // Voltages in one pane, and the parameters, which have no unit, in another one.
    await page.locator(".pane").nth(1).waitFor();
    const chips = async (pane: number) =>
      (await page.locator(".pane").nth(pane).locator(".chip").allInnerTexts()).join();
    assertMatch(await chips(0), /setpoint[\s\S]*measured[\s\S]*actuation/);
    assertMatch(await chips(1), /kp[\s\S]*ki/);
    const slider = page.locator('input[data-control="kp"]');
    assertEquals([await slider.getAttribute("type"), await slider.inputValue()], ["range", "2"]);
    await page.getByRole("button", { name: "Take the controls" }).click();
    await page.getByText("This page holds them").waitFor();
    await slider.fill("7.5");
    await page.getByText("1 sent").waitFor();
    await tuned.write("\n");
    await tuned.expectError(/Parameters: kp=7\.5, ki=5\n/);
    // The trace has it, too.
    await page.locator('.signal[data-signal="0/kp"]').getByText("7.5").first().waitFor();
    await tuned.write("kp=1.25\n");
    await page.waitForFunction(() =>
      document.querySelector<HTMLInputElement>('input[data-control="kp"]')?.value === "1.25"
    );
    // What the page sets next does not bring the old value back.
    await page.locator('input[data-control="ki"]').fill("6");
    await page.getByText("2 sent").waitFor();
    await tuned.write("\n");
    await tuned.expectError(/Parameters: kp=1\.25, ki=6\n/);
    tuned.kill("SIGINT");
    assertEquals((await tuned.finish()).code, 0);
    await Deno.remove(folder, { recursive: true });
  },
);
