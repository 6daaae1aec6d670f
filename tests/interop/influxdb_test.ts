/**
 * Lines that InfluxDB takes: what `influx` writes goes into an InfluxDB 1, as Telegraf would bring it there, and comes back
 * with the same values.
 */

import { assert, assertEquals } from "@std/assert";
import { connect, parseSignals, type Sample } from "@villas/client";
import { influx } from "@villas/client/formats";
import { TimeoutError } from "@villas/client/client";
import { openUdp } from "@villas/client/transports";
import { findFreePort } from "../_ports.ts";
import { spawn } from "../commands/_cli.ts";
import { hasProgram } from "./_tools.ts";

const ignore = !await hasProgram("influxd", "influxdb", "version");

const node = Deno.env.get("VILLAS_NODE");
if (node === undefined) console.warn("IGNORED: VILLAS_NODE does not name a villas-node to test with");

/** How long the database, or VILLASnode, may take to start, in milliseconds. */
const patience = 60_000;

/** An InfluxDB of its own, which has the database `lab`. */
interface Database extends AsyncDisposable {
  /** Writes lines; returns the status, and what it says. */
  write(lines: string): Promise<[number, string]>;
  /** Asks for the columns and rows of a measurement, numbers as they were written. */
  read(query: string): Promise<{ columns: string[]; values: string }>;
}

async function startDatabase(): Promise<Database> {
  const folder = await Deno.makeTempDir({ prefix: "villas-influxdb-" });
  const [api, rpc] = [findFreePort(), findFreePort()];
  await Deno.writeTextFile(
    `${folder}/influxdb.conf`,
    `reporting-disabled = true\nbind-address = "127.0.0.1:${rpc}"\n[meta]\ndir = "${folder}/meta"\n` +
      `[data]\ndir = "${folder}/data"\nwal-dir = "${folder}/wal"\n[http]\nbind-address = "127.0.0.1:${api}"\n` +
      "[monitor]\nstore-enabled = false\n",
  );
  const process = new Deno.Command("influxd", {
    args: ["run", "-config", `${folder}/influxdb.conf`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${api}`;
  const ask = async (path: string, body?: string) => {
    const init = { signal: AbortSignal.timeout(patience), ...body !== undefined && { method: "POST", body } };
    const response = await fetch(`${url}${path}`, init);
    return [response.status, await response.text()] as [number, string];
  };
  const database = {
    write: (lines: string) => ask("/write?db=lab", lines),
    async read(query: string) {
      const [status, text] = await ask(`/query?db=lab&epoch=ns&q=${encodeURIComponent(query)}`);
      assertEquals(status, 200, text);
      // Nanoseconds are beyond the integers of a double, so the rows stay text.
      const [, values = ""] = /"values":(\[\[.*\]\])/.exec(text) ?? [];
      return { columns: JSON.parse(text).results[0].series?.[0]?.columns ?? [], values };
    },
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      const timer = setTimeout(() => process.kill("SIGKILL"), patience);
      await process.status;
      clearTimeout(timer);
      await Deno.remove(folder, { recursive: true });
    },
  };
  const deadline = performance.now() + patience;
  while (!await ask("/ping").then(([status]) => status === 204, () => false)) {
    if (performance.now() > deadline) {
      await database[Symbol.asyncDispose]();
      throw new Error(`influxd does not answer within ${patience} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await ask(`/query?q=${encodeURIComponent("CREATE DATABASE lab")}`, "");
  return database;
}

Deno.test({
  name: "InfluxDB takes the lines of influx, with escaped names and all types, and has the same values",
  ignore,
  async fn() {
    await using database = await startDatabase();
    const signals = [
      { name: 'v "a", b=c', type: "float" as const },
      { name: "count", type: "integer" as const },
      { name: "\u00fcber", type: "boolean" as const },
      { name: "z", type: "complex" as const },
    ];
    const format = influx({ signals, measurement: "my grid,1=2", tags: { "x=y": "a b,c" } });
    const samples: Sample[] = [
      { tsOrigin: { sec: 0, nsec: 7 }, values: [0.1, 2n ** 53n + 1n, true, { real: 0.5, imag: -0.25 }] },
      { tsOrigin: { sec: 1_700_000_000, nsec: 1 }, values: [1e21, -(2n ** 63n), false, { real: 1e-30, imag: 0 }] },
      { tsOrigin: { sec: 9_223_372_036, nsec: 854_775_806 }, values: [NaN, 0n, true, { real: NaN, imag: 0 }] },
    ];
    const file = format.createEncoder();
    assertEquals(await database.write(file(samples) as string), [204, ""]);
    // What has another type than before is refused here, as it would be there.
    const query = 'SELECT "v \\"a\\", b=c", count, "\u00fcber", z_re, z_im, "x=y" FROM "my grid,1=2"';
    const { values } = await database.read(query);
    assertEquals(
      values,
      '[[7,0.1,9007199254740993,true,0.5,-0.25,"a b,c"],' +
        `[1700000000000000001,1e+21,-9223372036854775808,false,${Math.fround(1e-30)},0,"a b,c"],` +
        '[9223372036854775806,null,0,true,null,null,"a b,c"]]',
    );
  },
});

Deno.test({
  name: "InfluxDB refuses what influx refuses: another type in a field, NaN, a leading +, and a name that it keeps",
  ignore,
  async fn() {
    await using database = await startDatabase();
    assertEquals(await database.write("m a=1 1\n"), [204, ""]);
    for (
      const line of [
        "m a=1i 2\n",
        "m a=true 2\n",
        "m a=NaN 2\n",
        "m a=nan 2\n",
        "m a=inf 2\n",
        "m a=+1 2\n",
        "m time=1 2\n",
      ]
    ) {
      const [status, text] = await database.write(line);
      assertEquals([line, status], [line, 400], text);
    }
    assertEquals((await database.read("SELECT * FROM m")).values, "[[1,1]]");
    const line = influx({ signals: parseSignals("f") }).createEncoder()([{
      tsOrigin: { sec: 5, nsec: 0 },
      values: [2.5],
    }]);
    assert(typeof line === "string" && !line.includes("\r"));
  },
});

Deno.test(
  "influx reads what the influxdb node of a VILLASnode sends, four types in two lines",
  { ignore: !node },
  async () => {
    using free = await openUdp({ local: "udp://127.0.0.1:0" });
    const server = free.local.replace("udp://", "");
    free[Symbol.dispose]();
    const signals = ["float", "integer", "boolean", "complex"].map((type, index) => ({ name: `s${index}`, type }));
    const file = await Deno.makeTempFile({ suffix: ".json" });
    using back = await openUdp({ local: "udp://127.0.0.1:0" });
    const [, port = ""] = /:(\d+)$/.exec(back.local) ?? [];
    back[Symbol.dispose]();
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        http: { enabled: false },
        hugepages: 0,
        nodes: {
          influx: { type: "influxdb", server, key: "grid,host=lab" },
          client: {
            type: "socket",
            format: "protobuf",
            in: { address: `127.0.0.1:${port}`, signals },
            out: { address: "127.0.0.1:9" },
          },
        },
        paths: [{ in: "client", out: "influx" }],
      }),
    );
    await Deno.chmod(file, 0o644);
    await using running = spawn(node ?? "", [file]);
    const timer = setTimeout(() => running.kill("SIGKILL"), patience);
    try {
      await running.expectError(/Starting path|Started/);
      await using receiver = await connect({
        local: `udp://${server}`,
        anySource: true,
        format: "influx",
        signals: { in: parseSignals(signals) },
      });
      await using sender = await connect({
        local: "udp://127.0.0.1:0",
        remote: `udp://127.0.0.1:${port}`,
        signals: { out: parseSignals(signals) },
      });
      const sent: Sample[] = [0, 1].map((index) => ({
        tsOrigin: { sec: 1_700_000_000 + index, nsec: 5 },
        values: [1.5 + index, BigInt(-42 - index), index === 0, { real: 0.5, imag: -0.25 }],
      }));
      const received: Sample[] = [];
      const deadline = performance.now() + patience;
      // The first ones may come before its socket is open.
      for (let sequence = 0n; received.length < 2; sequence++) {
        assert(performance.now() < deadline, "VILLASnode sends nothing");
        await sender.send({ ...sent[Number(sequence) % 2] as Sample, sequence });
        const messages = await receiver.receive({ timeout: 0.2 }).catch((error) => {
          if (error instanceof TimeoutError) return [];
          throw error;
        });
        received.push(...messages.flat());
      }
      for (const sample of received) {
        delete sample.tsReceived;
        const index = (sample.tsOrigin?.sec ?? 0) - 1_700_000_000;
        assertEquals(sample, sent[index]);
      }
    } finally {
      clearTimeout(timer);
      await Deno.remove(file);
    }
  },
);
