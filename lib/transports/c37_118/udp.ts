/**
 * Streams over UDP, or with commands over TCP and data over UDP, of a PDC and of a PMU.
 *
 * @module
 */

import { authorityOf, type ConnectionAddress } from "../address.ts";
import { explainOpening } from "../_listen.ts";
import type { ConnectionOptions } from "../link/options.ts";
import type { DatagramTransport, Transport } from "../transport.ts";
import { openUdp } from "../udp.ts";
import { isUdpStream, parseIdcode, type SynchrophasorOptions } from "./options.ts";
import { type ByteChannel, openTcp, PdcLink } from "./pdc.ts";
import { PmuServer } from "./pmu_server.ts";
import { TcpPort } from "./tcp_port.ts";
import { UdpPort } from "./udp_port.ts";

/**
 * Opens a stream over UDP, as a PDC: with a remote, commands go there over UDP and the data comes back the same way; with both, they
 * go there over TCP and the data comes to the local port; with a local one only, nothing is sent, and what comes there by itself is
 * received.
 *
 * @param local Address to receive data on
 * @param remote Address of the PMU
 * @param choices Choices of the protocol
 * @param options Options of the user
 */
export async function openUdpPdc(
  local: ConnectionAddress | undefined,
  remote: ConnectionAddress | undefined,
  choices: SynchrophasorOptions,
  options: ConnectionOptions,
): Promise<Transport> {
  if (remote === undefined) return await openUdp({ local: toUdp(local) });
  const settings = { idcode: parseIdcode(remote) ?? 1, ...choices };
  const open = local === undefined ? () => openDatagrams(remote) : () => openBoth(remote, local);
  return new PdcLink(remote, settings, options, open);
}

/**
 * Opens a stream over UDP, as a PMU: commands come to the local address, over TCP or UDP, and the data goes to the remote; without a
 * remote, to those who start it; without a local one, it goes by itself.
 *
 * @param local Address to take commands at
 * @param remote Address of the data
 * @param options Options of the user
 */
export async function openUdpPmu(
  local: ConnectionAddress | undefined,
  remote: ConnectionAddress | undefined,
  options: ConnectionOptions,
): Promise<Transport> {
  const sink = remote && await openUdp({ local: anyPort(remote), remote: toUdp(remote) });
  try {
    const port = local && (isUdpStream(local) ? new UdpPort(local) : new TcpPort(local));
    return new PmuServer({ port, sink }, options);
  } catch (error) {
    sink?.close();
    throw error;
  }
}

/** Returns an address with a free port to reach another one from. */
function anyPort({ host }: ConnectionAddress): string {
  return host.includes(":") ? "udp://[::]:0" : "udp://0.0.0.0:0";
}

function toUdp(address: ConnectionAddress | undefined): string {
  return address === undefined ? "udp://*:4713" : `udp://${authorityOf(address)}`;
}

/** Opens a way on which commands and data are datagrams. */
async function openDatagrams(remote: ConnectionAddress): Promise<ByteChannel> {
  return new DatagramChannel(await openUdp({ local: anyPort(remote), remote: toUdp(remote) }));
}

/** Opens a way on which commands and their answers are in a TCP connection, and the data in datagrams. */
async function openBoth(remote: ConnectionAddress, local: ConnectionAddress): Promise<ByteChannel> {
  const datagrams = await openUdp({ local: toUdp(local) }).catch((error) => {
    throw explainOpening(error, local.text);
  });
  try {
    return new MixedChannel(await openTcp(remote), new DatagramChannel(datagrams));
  } catch (error) {
    datagrams.close();
    throw error;
  }
}

/** Datagrams as a stream of bytes: each has whole frames. */
class DatagramChannel implements ByteChannel {
  readonly #transport: DatagramTransport;

  constructor(transport: DatagramTransport) {
    this.#transport = transport;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const [datagram] = await this.#transport.receive(1);
    if (datagram === undefined) return null;
    buffer.set(datagram);
    return datagram.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (await this.#transport.send([bytes]) === 0) throw new Error("no network leads to it");
    return bytes.length;
  }

  close(): void {
    this.#transport.close();
  }
}

/** A TCP connection for commands and their answers, and datagrams of data. */
class MixedChannel implements ByteChannel {
  readonly #tcp: ByteChannel;
  readonly #datagrams: ByteChannel;
  readonly #buffers = [new Uint8Array(65_536), new Uint8Array(65_536)] as const;
  /** The reads that go on, one of each; a read that was not the first stays for the next call. */
  #reads: [Promise<Read>, Promise<Read>] | undefined;

  constructor(tcp: ByteChannel, datagrams: ByteChannel) {
    this.#tcp = tcp;
    this.#datagrams = datagrams;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    this.#reads ??= [this.#readFrom(0), this.#readFrom(1)];
    const { index, length } = await Promise.race(this.#reads);
    if (length === null) return null;
    buffer.set(this.#buffers[index].subarray(0, length));
    this.#reads[index] = this.#readFrom(index);
    return length;
  }

  async #readFrom(index: 0 | 1): Promise<Read> {
    const length = await [this.#tcp, this.#datagrams][index]?.read(this.#buffers[index]) ?? null;
    return { index, length };
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#tcp.write(bytes);
  }

  close(): void {
    this.#tcp.close();
    this.#datagrams.close();
    // The reads that go on end with an error, or with nothing.
    for (const read of this.#reads ?? []) read.catch(() => {});
  }
}

/** Result of a read. */
interface Read {
  readonly index: 0 | 1;
  readonly length: number | null;
}
