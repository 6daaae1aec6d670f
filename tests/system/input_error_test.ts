import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { InputError, readInput } from "../../lib/system/input_error.ts";

Deno.test("readInput() returns what is read", async () => {
  assertEquals(await readInput(() => 1), 1);
  assertEquals(await readInput(() => Promise.resolve(2)), 2);
});

for (const cause of [new SyntaxError("expected a digit"), new TypeError("there is no such name")]) {
  Deno.test(`readInput() turns a ${cause.name} into an InputError, with its cause`, async () => {
    const read = () => {
      throw cause;
    };
    const plain = await assertRejects(() => readInput(read), InputError, cause.message);
    assertStrictEquals(plain.cause, cause);
    const placed = await assertRejects(() => readInput(read, "Cannot use --format"), InputError);
    assertEquals(placed.message, `Cannot use --format: ${cause.message}`);
  });
}

Deno.test("readInput() lets other errors pass as they are", async () => {
  for (const error of [new RangeError("a"), new InputError("b"), new Deno.errors.NotFound("c")]) {
    assertStrictEquals(await assertRejects(() => readInput(() => Promise.reject(error))), error);
  }
});
