import { assertEquals } from "@std/assert";
import { TextBuffer } from "../../lib/formats/text/text_buffer.ts";
import { writeValue } from "../../lib/formats/text/text_values.ts";

const decoder = new TextDecoder();

function written(write: (text: TextBuffer) => void): string {
  const text = new TextBuffer();
  write(text);
  return decoder.decode(text.bytes);
}

Deno.test("TextBuffer writes any number as JavaScript does", () => {
  const numbers = [
    0,
    -0,
    7,
    10,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 53,
    -1,
    1.5,
    NaN,
    1e300,
    0n,
    2n ** 64n - 1n,
    -5n,
    10n ** 400n,
  ];
  for (const number of numbers) assertEquals(written((text) => text.integer(number)), String(number));
});

Deno.test("TextBuffer writes nanoseconds with nine digits, and what is none as it is", () => {
  const cases = [[0, "000000000"], [5, "000000005"], [999_999_999, "999999999"], [1e9, "1000000000"], [
    0.5,
    "0000000.5",
  ]];
  for (const [nsec, text] of cases as [number, string][]) {
    assertEquals(written((buffer) => buffer.nanoseconds(nsec)), text);
  }
});

Deno.test("TextBuffer writes values as writeValue() does, however long they are", () => {
  const values = [1.5, -0, NaN, -Infinity, 1e308, 7n, -(2n ** 63n), true, false, null, { real: 1.5, imag: -2 }, 5e-324];
  for (const precision of [0, 2, 17, 31]) {
    const expected = values.map((value) => `\t${writeValue(value, precision)}`).join("");
    assertEquals(written((text) => text.values(values, precision, 9)), expected);
  }
});

Deno.test("TextBuffer grows, keeps what it has, and is empty after clear()", () => {
  const text = new TextBuffer();
  for (let i = 0; i < 1000; i++) text.text("°C");
  text.ascii(" and ");
  text.character(65);
  assertEquals(decoder.decode(text.bytes), `${"°C".repeat(1000)} and A`);
  text.clear();
  assertEquals(text.bytes.length, 0);
});
