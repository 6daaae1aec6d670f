import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseSignals, type Sample, type Value } from "@villas/client";
import { EventCondition, EventWindow, type Expression, parseExpression } from "@villas/client/recordings";
import { fc } from "../_properties.ts";
import { seededRandom } from "../_random.ts";

const signals = parseSignals(
  '[{"name": "va"}, {"name": "breaker", "type": "boolean"}, {"name": "n", "type": "integer"}, {"name": "z", "type": "complex"}]',
);

/** Returns the indices of the samples that are events. */
function eventsIn(condition: string, rows: readonly (readonly Value[])[]): readonly number[] {
  const found = new EventCondition(condition, signals);
  return rows.flatMap((values, index) => found.update({ values: [...values] }) ? [index] : []);
}

const floats = (...values: number[]) => values.map((value) => [value]);

Deno.test("EventCondition finds the samples with which a comparison begins to hold", () => {
  for (
    const [condition, events] of [
      ["va > 2", [3, 7]],
      ["va >= 2", [2, 6]],
      ["va < 2", [5]],
      ["va <= 2", [4]],
      ["va == 2", [2, 4, 6]],
      ["va != 2", [3, 5, 7]],
      ["not va > 2", [4]],
      ["va > 1.5 and va < 2.5", [2, 4, 6]],
      ["va < 0.5 or va > 2", [3, 7]],
    ] as const
  ) {
    assertEquals(eventsIn(condition, floats(1, 1, 2, 3, 2, 1, 2, 3)), [...events], condition);
  }
});

Deno.test("EventCondition with hysteresis takes noise about a level for one event", () => {
  const noise = floats(290, 301, 299, 302, 296, 303, 295, 301);
  assertEquals(eventsIn("va > 300", noise), [1, 3, 5, 7]);
  assertEquals(eventsIn("va > 300 hysteresis 5", noise), [1, 7]);
  assertEquals(eventsIn("va < -300 hysteresis 5", noise.map(([value = 0]) => [-value])), [1, 7]);
});

Deno.test("EventCondition is not misled by NaN, unset and missing values, nor by what holds from the beginning", () => {
  assertEquals(eventsIn("va > 300", [[310], [NaN], [320], [290], [null], [310], [], [310]]), [5]);
  assertEquals(eventsIn("va > 300", [[NaN], [310], [290], [310]]), [3]);
  assertEquals(eventsIn("va != 300", floats(300, NaN, 301)), [2]);
  assertEquals(eventsIn("va > 300 or breaker", [[310, null], [310, true], [1, false], [1, true]]), [3]);
});

Deno.test("EventCondition compares booleans as 0 and 1, integers exactly, and complex numbers by their magnitude", () => {
  const rows = [
    [0, false, 2n ** 53n, { real: 3, imag: 0 }],
    [0, true, 2n ** 53n + 1n, { real: 3, imag: 4 }],
    [0, true, 2n ** 53n + 1n, { real: 0, imag: 5.5 }],
    [0, false, 2n ** 53n, { real: 3, imag: 0 }],
  ];
  assertEquals(eventsIn("breaker", rows), [1]);
  assertEquals(eventsIn("breaker == false", rows), [3]);
  assertEquals(eventsIn("n > 9007199254740992", rows), [1]);
  assertEquals(eventsIn("z > 5", rows), [2]);
  assertEquals(eventsIn("z >= 5", rows), [1]);
  assertEquals(eventsIn("breaker changes", rows), [1, 3]);
  assertEquals(eventsIn("z changes", rows), [1, 2, 3]);
});

Deno.test("EventCondition takes marks and gaps for the sample that has them", () => {
  const condition = new EventCondition("new_frame or gap or new_simulation");
  const steps: [Partial<Sample>, boolean][] = [
    [{}, false],
    [{ newFrame: true }, false],
    [{}, false],
    [{}, true],
    [{}, false],
    [{ newSimulation: true }, false],
    [{ newFrame: true }, false],
  ];
  const events = steps.map(([marks, isBehindGap]) => condition.update({ ...marks, values: [] }, isBehindGap));
  assertEquals(events, [false, true, false, true, false, true, true]);
});

Deno.test("parseExpression() binds not closer than and, and closer than or", () => {
  const a: Expression = { kind: "true", signal: "a" };
  const [b, c] = ["b", "c"].map((signal): Expression => ({ kind: "true", signal }));
  const negated: Expression = { kind: "not", part: a };
  assertEquals<unknown>(parseExpression("not a and b or c"), {
    kind: "or",
    parts: [{ kind: "and", parts: [negated, b] }, c],
  });
  assertEquals<unknown>(parseExpression("not not a"), a);
  assertEquals<unknown>(parseExpression("not(a)and(b or c)"), {
    kind: "and",
    parts: [negated, { kind: "or", parts: [b, c] }],
  });
  const comparison = { kind: "comparison", operator: ">", number: -1500, hysteresis: 0 };
  assertEquals<unknown>(parseExpression('"bus 1 [kV]">-1.5e3'), { ...comparison, signal: "bus 1 [kV]" });
  assertEquals<unknown>(parseExpression('"and" > -1500'), { ...comparison, signal: "and" });
  assertEquals<unknown>(parseExpression("spannung_ä.b-c > -1500"), { ...comparison, signal: "spannung_ä.b-c" });
});

Deno.test("parseExpression() says where it expected what", () => {
  for (
    const [text, reason] of [
      ["", "expected a signal at character 1, got the end"],
      ["va >", "expected a number at character 5, got the end"],
      ["va > vb", 'expected a number at character 6, got "vb"'],
      ["va > 300 400", 'expected and, or, or the end at character 10, got "400"'],
      ["(va > 3", 'expected ")" at character 8, got the end'],
      ["va = 3", 'expected a condition, got "= 3"'],
      ["300 < va", 'expected a signal at character 1, got "300 < va"'],
      ["va > 3 and", "expected a signal at character 11, got the end"],
      ["va > 3 hysteresis -1", "expected a hysteresis of 0 or more"],
      ["va == 3 hysteresis 1", 'got "hysteresis 1"'],
      ["va > 1e999", "expected a number"],
      ["va > nan", "expected a number"],
      [`${"(".repeat(200)}va${")".repeat(200)}`, "expected a condition with less nesting than 100"],
      ["a or ".repeat(5000), "at most 10000 characters"],
      ['"va', "expected a condition"],
    ] as const
  ) {
    assertThrows(() => parseExpression(text), SyntaxError, reason, text);
  }
});

Deno.test("parseExpression() ends with an expression or a SyntaxError, whatever it is given", () => {
  const random = seededRandom(17);
  const words = [
    "va",
    "and",
    "or",
    "not",
    "(",
    ")",
    ">",
    "<=",
    "==",
    "3",
    "-1.5e3",
    "changes",
    "gap",
    '"x y"',
    "hysteresis",
  ];
  const letters = [...'va >=<!()"0.9e-+_\u0000\u{1f600} \t'];
  let parsed = 0;
  for (let round = 0; round < 20_000; round++) {
    const source = round % 2 === 0 ? words : letters;
    const text = Array.from({ length: random.below(12) }, () => source[random.below(source.length)]).join(
      round % 4 < 2 ? " " : "",
    );
    try {
      parseExpression(text);
      parsed++;
    } catch (error) {
      assert(error instanceof SyntaxError, `${text}: ${error}`);
    }
  }
  assert(parsed > 100, `${parsed} parsed`);
});

Deno.test("EventCondition refuses signals that do not exist, and knows values by their index without a list", () => {
  assertThrows(() => new EventCondition("vb > 3", signals), RangeError, 'no signal "vb": there are va, breaker, n, z');
  assertThrows(() => new EventCondition("signal4 > 3", signals), RangeError);
  assertThrows(() => new EventCondition("va > 3"), RangeError, "the names are not known without a list of signals");
  assertEquals(new EventCondition("signal1").update({ values: [0, true] }), false);
});

// The reference of the window: all samples and events in memory.

/** Times of samples in seconds, which may go backward, and which of them are events. */
const stream = fc.array(
  fc.record({ step: fc.integer({ min: -3, max: 5 }), isEvent: fc.boolean(), isRare: fc.integer({ min: 0, max: 5 }) }),
  { maxLength: 80 },
);

function elapsedOf(steps: readonly { readonly step: number }[]): number[] {
  let elapsed = 0;
  return steps.map(({ step }, index) => elapsed += index === 0 ? 0 : Math.max(0, step));
}

function samplesOf(steps: readonly { readonly step: number }[]): Sample[] {
  let sec = 1000;
  return steps.map(({ step }, index) => ({ tsOrigin: { sec: sec += step, nsec: 0 }, values: [index] }));
}

const span = fc.integer({ min: 0, max: 12 });

Deno.test("EventWindow gives each sample around an event once and in order, for any samples and events", () => {
  fc.assert(
    fc.property(stream, span, span, fc.integer({ min: 1, max: 20 }), (steps, before, after, size) => {
      const elapsed = elapsedOf(steps);
      const samples = samplesOf(steps);
      const isEvent = steps.map(({ isEvent, isRare }) => isEvent && isRare === 0);
      const window = new EventWindow({ before, after });
      const found: Value[] = [];
      for (let start = 0; start < samples.length; start += size) {
        const parts = window.take(
          samples.slice(start, start + size),
          ({ values }) => isEvent[Number(values[0])] ?? false,
        );
        found.push(...parts.flatMap(({ samples }) => samples.map(({ values }) => values[0] ?? null)));
      }
      const expected = steps.flatMap((_, index) => {
        const time = elapsed[index] ?? 0;
        const isNear = isEvent.some((isEvent, event) => {
          const distance = time - (elapsed[event] ?? 0);
          return isEvent && (index >= event ? distance <= after : -distance <= before);
        });
        return isNear ? [index] : [];
      });
      assertEquals(found, expected);
    }),
    { numRuns: 500 },
  );
});

Deno.test("EventWindow that repeats has all samples before an event in its part, also those of the part before", () => {
  fc.assert(
    fc.property(stream, span, span, fc.integer({ min: 1, max: 20 }), (steps, before, after, size) => {
      const elapsed = elapsedOf(steps);
      const samples = samplesOf(steps);
      const isEvent = steps.map(({ isEvent, isRare }) => isEvent && isRare === 0);
      const window = new EventWindow({ before, after, repeats: true });
      const found: Value[][] = [];
      let isOpen = false;
      for (let start = 0; start < samples.length; start += size) {
        const parts = window.take(
          samples.slice(start, start + size),
          ({ values }) => isEvent[Number(values[0])] ?? false,
        );
        for (const { isFirst, isLast, samples } of parts) {
          assertEquals(isFirst, !isOpen);
          if (isFirst) found.push([]);
          found.at(-1)?.push(...samples.map(({ values }) => values[0] ?? null));
          isOpen = !isLast;
        }
      }
      const expected: number[][] = [];
      let until = -1;
      steps.forEach((_, index) => {
        const time = elapsed[index] ?? 0;
        const wasOpen = time <= until;
        if (isEvent[index]) until = time + after;
        if (time > until) return;
        if (!wasOpen) expected.push([...steps.keys()].filter((i) => i < index && time - (elapsed[i] ?? 0) <= before));
        expected.at(-1)?.push(index);
      });
      assertEquals(found, expected);
      assertEquals(window.events, isEvent.filter(Boolean).length);
    }),
    { numRuns: 500 },
  );
});

Deno.test("EventWindow keeps no more than its memory, and tells how much time that was", () => {
  const samples = Array.from(
    { length: 10_000 },
    (_, index) => ({ tsOrigin: { sec: index, nsec: 0 }, values: [index] }),
  );
  const window = new EventWindow({ before: 5000, after: 0, maximumBytes: 100 * (400 + 16) });
  const parts = window.take(samples, ({ values }) => values[0] === 9_999);
  assertEquals(parts.map(({ samples }) => [samples.length, samples[0]?.values[0]]), [[101, 9_899]]);
  assertEquals(window.shortest, 99);
  const small = new EventWindow({ before: 50, after: 0, maximumBytes: 100 * (400 + 16) });
  small.take(samples, () => false);
  assertEquals(small.shortest, undefined);
});
