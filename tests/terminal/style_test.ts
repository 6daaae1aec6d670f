import { assertEquals } from "@std/assert";
import { plainStyle, styleFor } from "../../lib/terminal/style.ts";

Deno.test("styleFor() leaves text plain for anything but a terminal", async () => {
  assertEquals(await styleFor({ isTerminal: () => false }), plainStyle);
  assertEquals(plainStyle.heading("a") + plainStyle.warning("b") + plainStyle.error("c"), "abc");
});
