import { assertEquals, assertThrows } from "@std/assert";
import { connect, DecodeError } from "@villas/client";
import { DamagedMessageError } from "@villas/client/client";
import { csv, json, protobuf, villasWeb } from "@villas/client/formats";
import { parseSignals } from "@villas/client/samples";
import { openWebSocket } from "@villas/client/transports";
import { DamageDetector } from "../../lib/client/damage.ts";

const fourFloats = parseSignals("4f");

function decode(
  address: string,
  format: Parameters<DamageDetector["decode"]>[0],
  message: Uint8Array,
  signals = fourFloats,
) {
  const detector = DamageDetector.create(address, signals);
  return detector === undefined ? format.decode(message) : detector.decode(format, message);
}

/** JSON of a VILLASnode with one sample of so many values, cut as its buffer cuts it, with foreign memory behind. */
function damaged(values: number, size: number): Uint8Array {
  const text = new TextEncoder().encode(
    `[{"ts": {"origin": [1700000000, 123456789]}, "sequence": 1, "data": [${
      Array.from({ length: values }, (_, index) => (index + 0.25).toFixed(2)).join(", ")
    }]}]`,
  );
  return Uint8Array.from(text, (byte, index) => index < size ? byte : (index * 37) & 255);
}

for (
  const [address, size, values] of [
    ["ws://127.0.0.1:80/x", 4080, 515],
    ["mqtt://127.0.0.1/x", 1500, 192],
    ["amqps://127.0.0.1/x", 1500, 192],
  ] as const
) {
  Deno.test(`DamageDetector explains the foreign tail of JSON above ${size} bytes from ${address.split(":")[0]}`, () => {
    const message = damaged(700, size);
    const error = assertThrows(() => decode(address, json(), message), DamagedMessageError);
    assertEquals(error.damage, "foreign-tail");
    assertEquals(
      error.message,
      `Cannot decode datagram as json: it has ${message.length} bytes, and JSON of a VILLASnode ends in foreign memory ` +
        `after ${size}, here after ${values} values: let it send less at once, or in another format`,
    );
  });
}

Deno.test("DamageDetector counts the samples that are intact where a message has several", () => {
  const sample = '{"sequence": 1, "data": [1.5, 2.5, 3.5, 4.5]}';
  const text = `[${Array.from({ length: 200 }, () => sample).join(", ")}]`;
  const message = Uint8Array.from(new TextEncoder().encode(text), (byte, index) => index < 4080 ? byte : 0);
  const error = assertThrows(() => decode("ws://h/x", json(), message), DamagedMessageError);
  assertEquals(
    /here after (\d+) samples/.exec(error.message)?.[1],
    String(Math.floor((4080 - 1) / (sample.length + 2))),
  );
});

Deno.test("DamageDetector leaves a long message alone that is intact, and other errors as they are", () => {
  const samples = Array.from({ length: 100 }, (_, index) => ({ sequence: BigInt(index), values: [1, 2, 3, 4] }));
  const message = json().encode(samples);
  assertEquals([message.length > 4080, decode("ws://h/x", json(), message)], [true, samples]);
  const error = assertThrows(() => decode("ws://h/x", json(), new TextEncoder().encode("[{]")), DecodeError);
  assertEquals(error.name, "DecodeError");
});

// What a VILLASnode 1.2.0 sent for [1, NaN, 3, 4], [Infinity, -Infinity, 3, 4] and four times NaN.
for (const [index, count] of [[0, "3 values"], [1, "2 values"], [2, "0 values"]] as const) {
  Deno.test(`DamageDetector refuses JSON of a VILLASnode that has ${count} for 4 signals`, async () => {
    const message = await Deno.readFile(new URL(`../data/damaged/4f_json_nonfinite_${index}.bin`, import.meta.url));
    const error = assertThrows(() => decode("mqtt://h/x", json(), message), DamagedMessageError);
    assertEquals(error.damage, "values-left-out");
    assertEquals(
      error.message,
      `Cannot decode datagram as json: sample 0 has ${count} for 4 signals, and which are missing is not known: ` +
        "VILLASnode leaves NaN and infinities out of JSON, and cuts samples to its in.signals",
    );
    // Without signals, nothing says that values are missing; over UDP, fewer values are what the node sends.
    const detector = DamageDetector.create("mqtt://h/x", undefined);
    assertEquals(detector?.decode(json(), message).length, 1);
    assertEquals(decode("udp://h:1", json(), message).length, 1);
  });
}

Deno.test("DamageDetector leaves fewer values alone in formats that keep them apart", () => {
  for (const format of [protobuf(), csv(), villasWeb()]) {
    const message = format.encode([{ sequence: 1n, tsOrigin: { sec: 1, nsec: 0 }, values: [1.5] }]);
    assertEquals(decode("ws://h/x", format, message)[0]?.values, [1.5]);
  }
});

Deno.test("DamageDetector explains an empty message, and not one of a datagram", () => {
  const error = assertThrows(() => decode("ws://h/x", villasWeb(), new Uint8Array()), DamagedMessageError);
  assertEquals(
    error.message,
    "Cannot decode datagram as villas.web: it is empty, which a VILLASnode sends where a sample does not fit into its " +
      "4080 bytes",
  );
  assertEquals(DamageDetector.create("udp://127.0.0.1:1", undefined), undefined);
});

Deno.test("a client of a WebSocket counts damaged messages as refused, and goes on", async () => {
  const server = await openWebSocket({ local: "ws://127.0.0.1:0/lab.json" });
  const reasons: string[] = [];
  await using client = await connect({
    remote: server.local,
    signals: "2f",
    onDecodeError: (error) => reasons.push(error instanceof DamagedMessageError ? error.damage : error.message),
  });
  await client.ready();
  const text = new TextEncoder();
  await server.send([text.encode('[{"sequence": 0, "data": [1.0]}]'), new Uint8Array()]);
  await server.send([text.encode('[{"sequence": 1, "data": [1.0, 2.0]}]')]);
  assertEquals(await client.receive(), [[{ sequence: 1n, values: [1, 2] }]]);
  assertEquals(reasons, ["values-left-out", "empty"]);
  assertEquals(client.counters.received.refused, 2);
  server.close();
  await server.closed;
});
