import { assertEquals, assertThrows } from "@std/assert";
import { fc } from "../_properties.ts";
import { parsePageMessage } from "../../lib/scope/page_message.ts";
import { decodeRows, encodeRows, type RowsHead } from "../../lib/scope/protocol.ts";

const head: RowsHead = {
  ...{ id: 7, run: 0, mode: "samples", cursor: 3, replacesFrom: null, from: 0, to: 1, oldest: 0, newest: 1, count: 2 },
};

Deno.test("decodeRows reads what encodeRows writes, bit for bit", () => {
  fc.assert(fc.property(fc.array(fc.double()), fc.nat(5), fc.string(), (times, columns, text) => {
    const rows = {
      head: { ...head, trigger: { state: "armed" as const, time: text.length } },
      times: Float64Array.from(times),
      values: Array.from({ length: columns }, (_, index) => Float64Array.from(times, (time) => time * index)),
    };
    assertEquals(decodeRows(encodeRows(rows).buffer), rows);
  }));
});

const picture = {
  ...{ type: "picture", id: 1, source: 0, timebase: "origin", channels: [0, 2], window: { span: 10 }, pixels: 800 },
  statistics: [1],
};

Deno.test("parsePageMessage reads the messages of the page", () => {
  assertEquals(parsePageMessage(JSON.stringify(picture)), {
    ...{ ...picture, mode: undefined, cursor: undefined, trigger: undefined },
  } as ReturnType<typeof parsePageMessage>);
  assertEquals(parsePageMessage('{"type":"hold","holds":true}'), { type: "hold", holds: true });
  assertEquals(parsePageMessage('{"type":"set","values":[1,0.5]}'), { type: "set", values: [1, 0.5] });
});

Deno.test("parsePageMessage refuses what a page does not send, by an error and nothing worse", () => {
  for (
    const wrong of [
      ...[{ pixels: 0 }, { pixels: 1e9 }, { channels: [0.5] }, { channels: [-1] }, { channels: Array(1000).fill(0) }],
      ...[{ window: { span: -1 } }, { window: { from: 2, to: 1 } }, { window: null }, { timebase: "now" }, { id: "1" }],
      ...[{ trigger: { event: "never" } }, { type: "shutdown" }, { cursor: "1" }, { statistics: true }],
    ]
  ) {
    assertThrows(() => parsePageMessage(JSON.stringify({ ...picture, ...wrong })), SyntaxError);
  }
  assertThrows(() => parsePageMessage(`"${"x".repeat(70_000)}"`), SyntaxError, "70002 characters");
  fc.assert(fc.property(fc.json(), (text) => {
    assertThrows(() => parsePageMessage(text), SyntaxError);
  }));
});
