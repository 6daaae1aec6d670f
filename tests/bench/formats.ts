/**
 * How many samples a second each format reads and writes, in datagrams of one and in files.
 *
 * @module
 */

import { createFormat, formatNames, parseSignals, type Sample } from "@villas/client";
import { createCollector } from "./_figures.ts";
import type { Group } from "./_group.ts";
import { race } from "./_race.ts";

/** Samples that a file is written and read in at a time. */
const pieceLength = 100;

/** The group `formats`. */
export const formatsGroup: Group = {
  name: "formats",
  title: "samples of 8 floats a second (value: 1)",
  async run({ quick, progress }) {
    const collector = createCollector("formats", "protobuf");
    const buffer = new Uint8Array(65_536);
    const encoder = new TextEncoder();
    const tasks: Record<string, { samples: number; run: Record<string, () => unknown> }> = {
      "decode a datagram": { samples: 1, run: {} },
      "encode a datagram": { samples: 1, run: {} },
      "read a file": { samples: pieceLength, run: {} },
      "write a file": { samples: pieceLength, run: {} },
    };
    const [decode, encode, read, write] = Object.values(tasks).map(({ run }) => run);
    for (const name of formatNames) {
      const width = name === "value" ? 1 : 8; // it carries no more
      const format = await createFormat(name, { signals: parseSignals(`${width}f`) });
      const piece = createSamples(width);
      const datagramOf = piece.slice(0, 1);
      const datagram = format.encode(datagramOf);
      const text = format.createEncoder()(piece);
      const file = typeof text === "string" ? encoder.encode(text) : text;
      const refuse = (error: Error) => {
        throw error;
      };
      Object.assign(decode ?? {}, { [name]: () => format.decode(datagram) });
      Object.assign(encode ?? {}, { [name]: () => format.encodeInto(datagramOf, buffer) });
      Object.assign(read ?? {}, {
        [name]() {
          const reader = format.createDecoder(refuse);
          reader.push(file);
          reader.end();
        },
      });
      Object.assign(write ?? {}, { [name]: () => format.createEncoder()(piece) });
    }
    const length = quick ? { rounds: 1, turn: 0.2 } : { rounds: 15, turn: 6 };
    for (const [task, { samples, run }] of Object.entries(tasks)) {
      progress(task);
      race(run, length, (name, rate) => collector.add(task, name, "/s", rate * samples));
    }
    return collector.figures;
  },
};

function createSamples(width: number): Sample[] {
  return Array.from({ length: pieceLength }, (_, i) => ({
    sequence: BigInt(i),
    tsOrigin: { sec: 1_700_000_000 + i, nsec: 123_456_789 },
    values: Array.from({ length: width }, (_, k) => 230 * Math.sin(i + k)),
  }));
}
