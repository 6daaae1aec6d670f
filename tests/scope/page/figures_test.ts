import { assertEquals } from "@std/assert";
import { describeFigure, formatShort } from "../../../lib/scope/page/figures.ts";

const statistics = { last: 2 ** 53, min: -1, max: 2 ** 53, mean: 1e-12, rms: 12.345678 };

Deno.test("describeFigure writes integers with all their digits, and other figures with six", () => {
  const integers = { last: "9007199254740993", max: "9007199254740995" };
  assertEquals(describeFigure("integer", { ...statistics, integers }, "last"), "9007199254740993");
  assertEquals(describeFigure("integer", { ...statistics, integers }, "max"), "9007199254740995");
  assertEquals(describeFigure("integer", { ...statistics, integers }, "min"), "-1");
  assertEquals(describeFigure("integer", { ...statistics, last: 123_456_789 }, "last"), "123456789");
  assertEquals(describeFigure("integer", { ...statistics, max: 20 }, "rms"), "12.3457");
  assertEquals(describeFigure("float", { ...statistics, last: 123_456_789 }, "last"), "1.235e+8");
});

Deno.test("describeFigure writes booleans as on and off, a mean that is nothing as 0, and nothing as a dash", () => {
  const boolean = { last: 1, min: 0, max: 1, mean: 0.5, rms: Math.SQRT1_2 };
  assertEquals([describeFigure("boolean", boolean, "last"), describeFigure("boolean", boolean, "min")], ["on", "off"]);
  assertEquals(describeFigure("float", statistics, "mean"), "0");
  assertEquals(describeFigure("float", undefined, "last"), "–");
});

Deno.test("formatShort writes numbers in about eight characters, with their power of ten", () => {
  const texts = [-325, -0.0144671, 0.480769, 9.223372e18, 1e-9, 0, 50.0001].map(formatShort);
  assertEquals(texts, ["-325", "-14.467m", "0.48077", "9.2234E", "1n", "0", "50"]);
  assertEquals([NaN, -Infinity].map(formatShort), ["–", "−∞"]);
  assertEquals(describeFigure("float", { ...statistics, min: -1.234567e9 }, "min", formatShort), "-1.2346G");
});
