/**
 * The diagnosis of streams of synchrophasors: each finding with a PMU that has just this fault.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { connect, now, parseSignals, type Timestamp } from "@villas/client";
import {
  commands,
  type Configuration,
  ConfigurationReader,
  encodeConfiguration2,
  encodeConfiguration3,
  encodeHeaderText,
  fromTimestamp,
  sealFrame,
} from "@villas/client/c37_118";
import { diagnoseStream, probeStream, type StreamObservation } from "@villas/client/diagnosis";
import { recorded } from "../formats/c37_118/_frames.ts";
import { type FakeConnection, FakePmu } from "../transports/_fake_pmu.ts";

const cfg2 = recorded("cfg2");
const good = new ConfigurationReader().read(cfg2) as Configuration;
const dataFrame = recorded("data0");

/** Returns a data frame with a time, a status and a time quality. */
function dataAt(time: Timestamp, { stat = 0, quality = 0, idcode = 7, length = dataFrame.length } = {}): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set(dataFrame.subarray(0, length));
  new DataView(frame.buffer).setUint16(14, stat);
  sealFrame(frame, { type: 0, version: 1, idcode, ...fromTimestamp(time, 1_000_000), timeQuality: quality });
  return frame;
}

function later({ sec, nsec }: Timestamp, seconds: number): Timestamp {
  const sum = sec * 1e3 + nsec / 1e6 + seconds * 1e3;
  return { sec: Math.floor(sum / 1e3), nsec: Math.round(sum % 1e3) * 1e6 };
}

/** A scripted PMU: its configuration, and the frames that it sends after the start. */
interface Script {
  readonly configuration?: Configuration;
  /** Versions of commands that it answers. */
  readonly versions?: readonly number[];
  /** Makes the frames of data. */
  readonly data?: (start: Timestamp) => Uint8Array[];
  /** Closes the connection after the data. */
  readonly closes?: boolean;
}

/** Plays a PMU until the doctor leaves. */
async function play(connection: FakeConnection, script: Script): Promise<void> {
  const { configuration = good, versions = [1, 2], data = regular(), closes = false } = script;
  const settings = { version: 1, idcode: 7, soc: 1, timeQuality: 0, fraction: 0 };
  for (let received; (received = await connection.nextCommand()) !== undefined;) {
    const { command, version } = received;
    if (!versions.includes(version)) continue;
    if (command === commands.sendConfiguration2) await connection.send(encodeConfiguration2(configuration));
    if (command === commands.sendConfiguration3) await connection.send(...encodeConfiguration3(configuration));
    if (command === commands.sendHeader) await connection.send(encodeHeaderText("Bay 4", settings));
    if (command !== commands.start) continue;
    await connection.send(...data(now()));
    if (closes) return connection.close();
  }
}

/** Frames at the announced rate, the last one just measured. */
function regular(options: Parameters<typeof dataAt>[1] = {}, rate = 50): (start: Timestamp) => Uint8Array[] {
  return (start) => Array.from({ length: 6 }, (_, index) => dataAt(later(start, (index - 6) / rate), options));
}

async function examine(script: Script, seconds = 0.25): Promise<StreamObservation> {
  await using pmu = new FakePmu();
  const stopped = new AbortController();
  const playing: Promise<void>[] = [];
  const accepting = (async () => {
    while (!stopped.signal.aborted) playing.push(play(await pmu.accept(), script));
  })().catch(() => {}); // the listener is closed at the end
  const observation = await probeStream(pmu.address, { seconds, answerTimeout: 0.5 });
  stopped.abort();
  pmu.stop();
  await accepting;
  await Promise.all(playing);
  return observation;
}

Deno.test("diagnoseStream() finds nothing in a stream that is right, and probeStream() reads its header and details", async () => {
  const observation = await examine({});
  // Six frames of a tenth of a second may be a little late on a busy machine, which is the only thing to be found.
  assertEquals(diagnoseStream(observation).filter(({ code }) => code !== "latency"), []);
  assertEquals(observation.header, "Bay 4");
  assertEquals(observation.configuration?.pmus[0]?.details?.serviceClass, "M");
  assertEquals([observation.dataFrames, observation.answered], [6, { version: 1, unanswered: [] }]);
  assert(Math.abs((observation.rate ?? 0) - 50) < 0.5);
});

/** Scripts, and the codes that have to be found besides the latency, which depends on the machine. */
const cases: [what: string, code: string, cause: RegExp, script: Script][] = [
  ["silence after the start", "no-data", /no data came within/, { data: () => [] }],
  ["data of another length", "data-unfit", /6 of 6 data frames do not fit .* 40 bytes/, {
    data: regular({ length: 40 }),
  }],
  ["data of another stream", "data-of-other-stream", /identifier 9, and the configuration has 7/, {
    data: regular({ idcode: 9 }),
  }],
  ["another identifier", "other-stream", /asked for stream 7, and answers as stream 8/, {
    configuration: { ...good, idcode: 8 },
    data: regular({ idcode: 8 }),
  }],
  ["no PMU", "no-pmu", /no PMU/, { configuration: { ...good, pmus: [] }, data: () => [] }],
  ["flags in TIME_BASE", "time-base-flags", /upper 8 bits of TIME_BASE are 1/, {
    configuration: { ...good, timeBaseFlags: 1 },
  }],
  ["a damaged frame", "damaged-frames", /1 frame had a wrong checksum/, {
    data: (start) => regular()(start).map((frame, index) => index === 2 ? frame.with(20, 0x55) : frame),
  }],
  ["missing frames", "frames-missing", /2 of 6 frames are missing/, {
    data: (start) => regular()(start).filter((_, index) => index !== 2 && index !== 3),
  }],
  ["a data error", "data-error", /6 of 6 data frames/, { data: regular({ stat: 0x8000 }) }],
  ["a clock that is not locked", "clock-unlocked", /not in sync with UTC in 6 of 6/, {
    data: regular({ stat: 0x2000 }),
  }],
  ["a poor time quality", "clock-unlocked", /may be off by 0.001 s/, { data: regular({ quality: 7 }) }],
  ["an announced change", "configuration-changing", /announce a change/, { data: regular({ stat: 0x0400 }) }],
  ["another rate", "other-rate", /announces 50 frames per second, and sends 25 by their times/, {
    data: regular({}, 25),
  }],
  ["a clock that is ahead", "clock-offset", /seem to arrive/, { data: (start) => regular()(later(start, 100)) }],
  ["old frames", "latency", /class M allows 0.140 s at 50/, { data: (start) => regular()(later(start, -100)) }],
  ["a connection that is closed again", "connection-lost", /closed the connection/, { closes: true }],
];
for (const [what, code, cause, script] of cases) {
  Deno.test(`diagnoseStream() finds ${what}: ${code}`, async () => {
    const findings = diagnoseStream(await examine(script));
    const found = findings.find((finding) => finding.code === code);
    assert(found !== undefined && cause.test(found.cause), JSON.stringify(findings));
  });
}

Deno.test("diagnoseStream() finds a PMU of 16-bit values, which a VILLASnode scales wrongly", async () => {
  const [pmu] = good.pmus;
  assert(pmu !== undefined);
  const numbers = { ...pmu.numbers, hasFloatPhasors: false };
  const findings = diagnoseStream(
    await examine({ configuration: { ...good, pmus: [{ ...pmu, numbers }] }, data: () => [] }),
  );
  assertEquals(findings.map(({ code }) => code), ["no-data", "integer-values"]);
});

Deno.test("probeStream() tries version 2 where nothing answers version 1, and says so", async () => {
  const observation = await examine({ versions: [2] });
  assertEquals(observation.answered, { version: 2, unanswered: [1] });
  assert(diagnoseStream(observation).some(({ code }) => code === "other-version"));
});

Deno.test("diagnoseStream() tells nobody there from somebody who does not answer", async () => {
  const nobody = await probeStream("c37.118://127.0.0.1:1", { seconds: 1 });
  assertEquals(diagnoseStream(nobody).map(({ code }) => code), ["no-connection"]);
  const silent = {
    ...nobody,
    failures: ["it answered no request for configuration 2 of stream 1 in version 1 within 5 s"],
  };
  assertEquals(diagnoseStream(silent).map(({ code }) => code), ["no-configuration"]);
});

Deno.test("probeStream() watches a PMU of this library", async () => {
  const signals = parseSignals('[{"name": "va", "type": "complex"}]');
  await using pmu = await connect({ local: "c37.118://127.0.0.1:0/7", signals });
  const probing = probeStream(pmu.local, { seconds: 0.3 });
  await pmu.ready();
  await pmu.send({ tsOrigin: now(), values: [{ real: 1, imag: 0 }] });
  const observation = await probing;
  assertEquals([observation.dataFrames, observation.idcode, observation.losses], [1, 7, 0]);
});
