import { assert, assertEquals, assertThrows } from "@std/assert";
import type { OutgoingSample } from "@villas/client";
import { ControlDesk, parseControls } from "@villas/client/scope";

Deno.test("parseControls reads types, ranges and values", () => {
  assertEquals(parseControls("a, b:int=-3,c:bool=true,d:-1..1,e:0..10int=4,f:10..20"), [
    { name: "a", type: "float", value: 0 },
    { name: "b", type: "integer", value: -3 },
    { name: "c", type: "boolean", value: 1 },
    { name: "d", type: "float", range: [-1, 1], value: 0 },
    { name: "e", type: "integer", range: [0, 10], value: 4 },
    { name: "f", type: "float", range: [10, 20], value: 10 },
  ]);
});

Deno.test("parseControls says what is wrong", () => {
  const wrong: Record<string, string> = {
    "": "is not a control",
    "a:text": '"text" is not a type',
    "a:5..1": "is not a range",
    "a:0..1=2": '"2" is not a value',
    "b:bool=7": '"7" is not a value',
    "n:int=0.5": '"0.5" is not a value',
    "a=x": '"x" is not a number',
    "a,a": '"a" occurs twice',
  };
  for (const [text, message] of Object.entries(wrong)) {
    assertThrows(() => parseControls(text), SyntaxError, message, text);
  }
});

/** A desk whose samples are kept, and a wait for the next one. */
function createDesk(list: string, rate?: number, refuse?: () => Error | undefined) {
  const sent: OutgoingSample[] = [];
  let notify = Promise.withResolvers<void>();
  const desk = new ControlDesk(parseControls(list), (sample) => {
    const error = refuse?.();
    if (error !== undefined) return Promise.reject(error);
    sent.push(sample);
    notify.resolve();
    notify = Promise.withResolvers();
    return Promise.resolve();
  }, rate);
  const until = async (count: number) => {
    while (sent.length < count) await notify.promise;
  };
  return { desk, sent, until };
}

Deno.test("ControlDesk sends typed values of the page that holds it, with rising numbers", async () => {
  const { desk, sent, until } = createDesk("setpoint:0..400=230,breaker:bool,n:int");
  using _ = desk;
  const [page, other] = [{}, {}];
  desk.set(page, [1, 1, 1]);
  assertEquals(desk.values, [230, 0, 0]);
  desk.hold(page, true);
  desk.set(other, [1, 1, 1]);
  desk.set(page, [500, 7, 2.6]);
  await until(1);
  desk.set(page, [100, 0, -2]);
  await until(2);
  assertEquals(sent.map(({ sequence, values }) => [sequence, values]), [
    [0n, [400, true, 3n]],
    [1n, [100, false, -2n]],
  ]);
  assert(sent.every(({ tsOrigin }) => tsOrigin !== undefined && Math.abs(tsOrigin.sec - Date.now() / 1000) < 100));
});

Deno.test("ControlDesk with a rate goes on when the page has gone, and sends nothing before one has come", async () => {
  const { desk, sent, until } = createDesk("a=1", 200);
  using _ = desk;
  assertEquals(sent.length, 0);
  const page = {};
  desk.hold(page, true);
  desk.set(page, [2]);
  await until(2);
  desk.hold(page, false);
  assertEquals(desk.holder, undefined);
  const count = sent.length;
  await until(count + 3);
  assertEquals(sent.at(-1)?.values, [2]);
  assertEquals(sent.map(({ sequence }) => sequence), sent.map((_, index) => BigInt(index)));
});

Deno.test("ControlDesk says why the guard has refused a sample", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { desk } = createDesk("n:int", undefined, () => {
    setTimeout(resolve);
    return new Error("value 0 is of type integer");
  });
  using _ = desk;
  const page = {};
  desk.hold(page, true);
  desk.set(page, [1]);
  await promise;
  assertEquals([desk.refusal, desk.sent], ["value 0 is of type integer", 0]);
});

Deno.test("ControlDesk follows values that were set elsewhere, and ignores a page that has not seen them", () => {
  const { desk, sent } = createDesk("a:0..10=1,b=2");
  using _ = desk;
  const page = {};
  desk.hold(page, true);
  desk.follow("a", 5);
  desk.follow("a", 5);
  desk.follow("other", 7);
  assertEquals([desk.values, desk.revision], [[5, 2], 1]);
  desk.set(page, [1, 3], 0);
  assertEquals(desk.values, [5, 2]);
  desk.set(page, [6, 3], 1);
  assertEquals(desk.values, [6, 3]);
  desk.replace(parseControls("c=4"));
  assertEquals([desk.values, desk.controls.map(({ name }) => name), desk.revision, sent.length], [[4], ["c"], 2, 0]);
});
