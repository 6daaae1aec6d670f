import { assertEquals, assertStrictEquals } from "@std/assert";
import { explainMissingPackage } from "../../lib/system/packages.ts";

const messages: readonly (readonly [message: string, name: string])[] = [
  [
    'Failed loading http://127.0.0.1:1/hyparquet-writer for package "hyparquet-writer"\n    0: error sending request',
    "hyparquet-writer",
  ],
  ['Failed loading https://example.org/@a%2fb for package "@a/b"', "@a/b"],
  ['npm package not found in cache: "mqtt", --cached-only is specified.', "mqtt"],
];

for (const [message, name] of messages) {
  Deno.test(`explainMissingPackage() names ${name} and how to have it: ${message.slice(0, 30)}...`, () => {
    const error = explainMissingPackage(new TypeError(message)) as Error;
    assertEquals(
      error.message,
      `Cannot load the npm package ${name}: it is not on this machine, and the registry does not answer; where it does, ` +
        '"deno cache cli.ts" downloads all packages',
    );
  });
}

Deno.test("explainMissingPackage() leaves other errors as they are", () => {
  const error = new SyntaxError("Unexpected token");
  assertStrictEquals(explainMissingPackage(error), error);
  assertEquals(explainMissingPackage("text"), "text");
});
