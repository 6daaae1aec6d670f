/**
 * A bridge between two brokers, each of which asks for something else.
 */

import { assertEquals } from "@std/assert";
import { connect, type Sample } from "@villas/client";
import { runArguments, startProgram } from "../commands/_cli.ts";
import { createCertificates } from "./_certificates.ts";
import { hasMosquitto, startMosquitto } from "./_mosquitto.ts";
import { hasRabbitMq, startRabbitMq } from "./_rabbitmq.ts";

const samples: readonly Sample[] = [0, 1, 2].map((index) => ({
  sequence: BigInt(index),
  tsOrigin: { sec: 1, nsec: index },
  values: [index, 0.5],
}));

/** Starts a bridge that has nothing in its environment but these variables. */
function startBridge(args: readonly string[], variables: Record<string, string>) {
  const environment = { PATH: Deno.env.get("PATH") ?? "", NO_COLOR: "1", ...variables };
  return startProgram(Deno.execPath(), runArguments("bridge", ...args), ".", environment);
}

/** Sends the samples at one end of a bridge, and returns what arrives at the other one. */
async function pass(from: Parameters<typeof connect>[0], to: Parameters<typeof connect>[0]): Promise<Sample[]> {
  await using sender = await connect(from);
  await using receiver = await connect(to);
  await Promise.all([sender.ready(), receiver.ready()]);
  for (const sample of samples) await sender.send(sample);
  const received: Sample[] = [];
  while (received.length < samples.length) received.push(...(await receiver.receive({ timeout: 20 })).flat());
  return received;
}

Deno.test({
  name: "bridge shows one broker of MQTT a certificate and the other one a user and a password",
  ignore: !hasMosquitto,
  async fn() {
    await using certificates = await createCertificates();
    const { authority, server, client } = certificates;
    await using near = await startMosquitto({ tls: { ...server, authority, requiresClients: true } });
    await using far = await startMosquitto({ users: { ann: "pass word" } });
    const tls = `tls-ca=${authority},tls-cert=${client.certificate},tls-key=${client.key}`;
    const [from, to] = [`mqtts://127.0.0.1:${near.port}/in`, `mqtt://127.0.0.1:${far.port}/out`];
    await using bridge = startBridge(
      [`${from},qos=1,${tls}`, `${to},qos=1,version=5,format=protobuf,credentials=FAR`],
      { FAR_USER: "ann", FAR_PASSWORD: "pass word" },
    );
    await bridge.expectError(/Connected to mqtts?:(?:.*\n)*.*Connected to mqtts?:/);
    const files = {
      tlsCa: await Deno.readTextFile(authority),
      tlsCert: await Deno.readTextFile(client.certificate),
      tlsKey: await Deno.readTextFile(client.key),
    };
    const received = await pass({ remote: from, mqtt: { qos: 1 }, ...files }, {
      local: to,
      format: "protobuf",
      credentials: { user: "ann", password: "pass word" },
    });
    assertEquals(received, samples);
    bridge.kill("SIGINT");
    const { code, stderr } = await bridge.finish();
    assertEquals([code, stderr.includes("pass word")], [0, false], stderr);
  },
});

Deno.test({
  name: "bridge reads routes from MQTT to AMQP, with the settings of VILLASnode's nodes",
  ignore: !hasMosquitto || !hasRabbitMq,
  async fn() {
    await using certificates = await createCertificates();
    await using mosquitto = await startMosquitto({ users: { ann: "pass word" }, tls: certificates.server });
    await using rabbit = await startRabbitMq();
    const file = await Deno.makeTempFile({ suffix: ".conf" });
    const [from, to] = [`mqtts://127.0.0.1:${mosquitto.port}/in`, `amqp://127.0.0.1:${rabbit.port}/values`];
    await Deno.writeTextFile(
      file,
      `paths = ({
        in = {
          address = "${from}", qos = 1, username = "ann", password = "pass word",
          ssl = { cafile = "${certificates.authority}" }
        }
        out = { address = "${to}", exchange = "grid/lab", confirm = true, username = "guest", password = "guest" }
      })`,
    );
    await using bridge = startBridge([file, "--stats"], {});
    await bridge.expectError(/Connected to (?:mqtts|amqp):(?:.*\n)*.*Connected to (?:mqtts|amqp):/);
    const received = await pass(
      {
        remote: from,
        mqtt: { qos: 1 },
        tlsCa: await Deno.readTextFile(certificates.authority),
        credentials: { user: "ann", password: "pass word" },
      },
      { local: to, amqp: { exchange: "grid/lab" } },
    );
    assertEquals(received, samples);
    bridge.kill("SIGINT");
    const { code, stdout, stderr } = await bridge.finish();
    assertEquals([code, (stdout + stderr).includes("pass word")], [0, false], stderr);
    await Deno.remove(file);
  },
});
