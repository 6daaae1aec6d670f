import { assertEquals, assertInstanceOf } from "@std/assert";
import { DecodeError, EncodeError } from "@villas/client";

Deno.test("DecodeError() names the position if it is known, then the reason", () => {
  const messages: [DecodeError, string][] = [
    [new DecodeError("raw", "it is too short"), "Cannot decode datagram as raw: it is too short"],
    [
      new DecodeError("raw", "it is too short", { offset: 0 }),
      "Cannot decode datagram as raw at offset 0: it is too short",
    ],
    [
      new DecodeError("raw", "it is too short", { offset: 3 }, { source: "file" }),
      "Cannot decode file as raw at offset 3: it is too short",
    ],
    [
      new DecodeError("csv", "a number is missing", { line: 7 }),
      "Cannot decode text as csv at line 7: a number is missing",
    ],
    [
      new DecodeError("csv", "a number is missing", { line: 7, column: 2, offset: 9 }),
      "Cannot decode text as csv at line 7, column 2: a number is missing",
    ],
  ];
  for (const [error, message] of messages) assertEquals(error.message, message);
});

Deno.test("DecodeError() keeps the format, the reason, the position and the cause", () => {
  const cause = new RangeError("index out of range");
  const error = new DecodeError("csv", "it is odd", { line: 7, column: 2, offset: 9 }, { cause });
  assertInstanceOf(error, Error);
  const { name, format, reason, line, column, offset } = error;
  assertEquals([name, format, reason, line, column, offset], ["DecodeError", "csv", "it is odd", 7, 2, 9]);
  assertEquals(error.cause, cause);
});

Deno.test("DecodeError() has no unknown position", () => {
  const error = new DecodeError("csv", "it is odd", { line: 7 });
  assertEquals(["line", "column", "offset"].map((key) => Object.hasOwn(error, key) && key), ["line", false, false]);
});

Deno.test("EncodeError() names the sample and the reason", () => {
  const error = new EncodeError("raw", "value 0 is of type complex", 3);
  assertInstanceOf(error, Error);
  assertEquals(error.message, "Cannot encode sample 3 as raw: value 0 is of type complex");
  assertEquals([error.name, error.format, error.index], ["EncodeError", "raw", 3]);
});
