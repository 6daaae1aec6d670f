import { assertEquals } from "@std/assert";
import { PublishWriter, type PublishWriterOptions } from "../../lib/transports/mqtt/publish_writer.ts";
import { seededRandom } from "../_random.ts";

/** A packet, as a broker reads it. */
interface Packet {
  readonly firstByte: number;
  readonly topic: string;
  readonly message: Uint8Array;
}

/** Reads packets as MQTT 3.3 describes them. */
function readPackets(bytes: Uint8Array, version: 3 | 5): Packet[] {
  const packets: Packet[] = [];
  for (let position = 0; position < bytes.length;) {
    const firstByte = bytes[position++] ?? 0;
    let [remaining, factor] = [0, 1];
    for (let byte = 0x80; byte & 0x80; factor *= 128) remaining += ((byte = bytes[position++] ?? 0) & 0x7f) * factor;
    const body = bytes.subarray(position, position += remaining);
    const topicEnd = 2 + ((body[0] ?? 0) << 8 | (body[1] ?? 0));
    const topic = new TextDecoder().decode(body.subarray(2, topicEnd));
    if (version === 5) assertEquals(body[topicEnd], 0); // no properties
    packets.push({ firstByte, topic, message: body.slice(topicEnd + (version === 5 ? 1 : 0)) });
  }
  return packets;
}

/** A writer, and what it has written. */
function open(options: PublishWriterOptions) {
  const pieces: Uint8Array[] = [];
  const writer = new PublishWriter({ write: (bytes) => pieces.push(bytes) }, options);
  const written = () => new Uint8Array(pieces.flatMap((piece) => [...piece]));
  return { writer, pieces, written };
}

for (const version of [3, 5] as const) {
  Deno.test(`PublishWriter writes messages of all lengths as packets of MQTT, version ${version}`, () => {
    const topic = "lab/Zürich";
    const { writer, pieces, written } = open({ topic, retain: version === 5, version });
    const random = seededRandom(version);
    const lengths = [0, 1, 113, 114, 115, 127, 128, 16_369, 16_370, 16_384, 65_536, 70_000, 20];
    const messages = lengths.map((length) => random.bytes(length));
    for (const message of messages) {
      const given = message.slice();
      writer.publish(given);
      given.fill(0); // the sender may use its memory again at once
    }
    writer.flush();
    const packets = readPackets(written(), version);
    assertEquals(packets.map(({ message }) => message), messages);
    assertEquals(new Set(packets.map((packet) => packet.topic)), new Set([topic]));
    assertEquals(new Set(packets.map(({ firstByte }) => firstByte)), new Set([version === 5 ? 0x31 : 0x30]));
    assertEquals(pieces.length < messages.length, true, `${pieces.length} pieces`);
  });
}

Deno.test("PublishWriter writes the messages of one turn together, soon after, and leaves those that were written as they are", async () => {
  const { writer, pieces } = open({ topic: "t", retain: false, version: 3 });
  writer.publish(new Uint8Array([1]));
  writer.publish(new Uint8Array([2]));
  assertEquals(pieces.length, 0);
  await Promise.resolve();
  const first = [0x30, 4, 0, 1, 0x74, 1, 0x30, 4, 0, 1, 0x74, 2];
  assertEquals(pieces.map((piece) => [...piece]), [first]);
  writer.publish(new Uint8Array([3]));
  await Promise.resolve();
  writer.flush();
  assertEquals(pieces.map((piece) => [...piece]), [first, [0x30, 4, 0, 1, 0x74, 3]]);
});
