import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { createFormat, formatNames, parseSignals } from "@villas/client";
import { protobuf } from "@villas/client/formats";

const sample = { sequence: 3n, values: [1.5] };

for (const name of formatNames) {
  Deno.test(`createFormat() creates ${name}`, async () => {
    const format = await createFormat(name, { signals: parseSignals("4f") });
    assertEquals(format.name, name);
    assertEquals(typeof format.isText, "boolean");
    for (const method of ["decode", "encode", "encodeInto", "createDecoder", "createEncoder"] as const) {
      assertEquals(typeof format[method], "function");
    }
  });
}

Deno.test("formatNames has protobuf, the default, first", () => assertEquals(formatNames[0], "protobuf"));

const specifications = ["protobuf", '{"type": "protobuf"}', ' \n{"type": "protobuf", "sequence": true}', {
  type: "protobuf",
}];
for (const specification of specifications) {
  Deno.test(`createFormat() accepts ${JSON.stringify(specification)}`, async () => {
    const format = await createFormat(specification);
    assertEquals(format.decode(format.encode([sample])), [sample]);
  });
}

Deno.test("createFormat() returns a format unchanged", async () => {
  const format = protobuf();
  assertStrictEquals(await createFormat(format, { sequence: false }), format);
});

Deno.test("createFormat() uses the defaults for options without a value", async () => {
  const defaults = { sequence: false, signals: parseSignals("f") };
  const byDefault = await createFormat("protobuf", defaults);
  assertEquals(byDefault.decode(byDefault.encode([sample])), [{ values: [1.5] }]);
  const own = await createFormat('{"type": "protobuf", "sequence": true}', defaults);
  assertEquals(own.decode(own.encode([sample])), [sample]);
  assert(!("type" in defaults));
});

const names = formatNames.join(", ");
const wrong: [string | { type: string }, new (...args: never[]) => Error, string][] = [
  ["raw.8", TypeError, `Cannot find format "raw.8": there are ${names}`],
  ["", TypeError, `Cannot find format "": there are ${names}`],
  ["Protobuf", TypeError, `Cannot find format "Protobuf": there are ${names}`],
  ["toString", TypeError, `Cannot find format "toString": there are ${names}`],
  [{ type: "constructor" }, TypeError, `Cannot find format "constructor": there are ${names}`],
  ["{}", TypeError, 'Cannot find the format\'s name: the object has no text "type"'],
  ['{"type": 3}', TypeError, 'Cannot find the format\'s name: the object has no text "type"'],
  [
    '{"type": "protobuf", "sequence": 1}',
    TypeError,
    'Cannot set option "sequence" of format protobuf to 1: expected true or false',
  ],
];
for (const [specification, type, message] of wrong) {
  Deno.test(`createFormat() refuses ${JSON.stringify(specification)}`, async () => {
    assertEquals((await assertRejects(() => createFormat(specification), type)).message, message);
  });
}

Deno.test("createFormat() refuses text that begins like a JSON object and is not one", async () => {
  const error = await assertRejects(() => createFormat("{type: raw}"), SyntaxError);
  assert(error.message.startsWith("Cannot parse the format as JSON: "));
  assertEquals((error.cause as Error).name, "SyntaxError");
});
