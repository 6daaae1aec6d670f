/**
 * Commands over UDP: each PDC is an address that has sent one.
 *
 * @module
 */

import { FrameSplitter } from "../../formats/c37_118/frame_splitter.ts";
import { resolvesWithin } from "../../system/wait.ts";
import { listenDatagram } from "../_listen.ts";
import { authorityOf, type ConnectionAddress } from "../address.ts";
import { maximumUdpLength } from "../sending.ts";
import type { CommandHandler, CommandPort, Pdc } from "./command_port.ts";
import { hostToBind, withPort } from "./options.ts";

/** The most frames that are on their way to a PDC, where the network takes them more slowly than they come. */
const maximumPending = 1000;

/** A buffer as long as any datagram. */
const bufferLength = 65_536;

/** A UDP port that PDCs send commands to; answers and data go back from there. */
export class UdpPort implements CommandPort {
  readonly local: string;
  readonly maximumFrame = maximumUdpLength;
  readonly #socket: Deno.DatagramConn;
  /** The PDCs by their addresses, in the order of their first command. */
  readonly #pdcs = new Map<string, UdpPdc>();
  #isClosed = false;

  /**
   * Opens the port.
   *
   * @param address Address to serve
   * @throws {Deno.errors.AddrInUse} If the port is in use
   */
  constructor(address: ConnectionAddress) {
    const endpoint = { hostname: hostToBind(address), port: address.port };
    this.#socket = listenDatagram({ transport: "udp", ...endpoint }, address.text);
    this.local = withPort(address, (this.#socket.addr as Deno.NetAddr).port);
  }

  start(handler: CommandHandler): void {
    void this.#receive(handler);
  }

  async #receive(handler: CommandHandler): Promise<void> {
    const buffer = new Uint8Array(bufferLength);
    while (!this.#isClosed) {
      try {
        const [datagram, source] = await this.#socket.receive(buffer);
        this.#take(datagram, source as Deno.NetAddr, handler);
      } catch {
        // Closed; or, on Windows, an earlier datagram has found no receiver.
      }
    }
  }

  #take(datagram: Uint8Array, source: Deno.NetAddr, handler: CommandHandler): void {
    // What is no frame makes nobody a PDC.
    for (const frame of new FrameSplitter().push(datagram)) {
      const peer = authorityOf({ host: source.hostname, port: source.port });
      const pdc = this.#pdcs.get(peer) ?? this.#create(peer, source, handler);
      if (pdc === undefined) return;
      const wasStarted = pdc.isStarted;
      handler.obey(pdc, frame);
      if (wasStarted && !pdc.isStarted) this.#end(peer, "it has stopped the data");
    }
  }

  #create(peer: string, source: Deno.NetAddr, handler: CommandHandler): UdpPdc | undefined {
    if (handler.isFull) {
      // One that has only asked for something may be gone: nothing would tell.
      const [idle] = [...this.#pdcs].find(([, { isStarted }]) => !isStarted) ?? [];
      if (idle === undefined) return undefined;
      this.#end(idle, "it has not started the data, and there is no room for others");
    }
    const pdc = new UdpPdc(this.#socket, source);
    this.#pdcs.set(peer, pdc);
    handler.admit(pdc, peer);
    void pdc.gone.then(() => this.#pdcs.delete(peer));
    return pdc;
  }

  #end(peer: string, reason: string): void {
    this.#pdcs.get(peer)?.end(reason);
    this.#pdcs.delete(peer);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // What goes on to be sent goes by this socket: the last PDC that is closed would be too late for its own answers.
    void Promise.all([...this.#pdcs.values()].map(({ gone }) => gone)).then(() => this.#socket.close());
  }
}

/** A PDC at an address. */
class UdpPdc implements Pdc {
  readonly gone: Promise<string>;
  isStarted = false;
  readonly awaited = new Set<number>();
  readonly #resolveGone: (reason: string) => void;
  readonly #socket: Deno.DatagramConn;
  readonly #address: Deno.NetAddr;
  readonly #pending = new Set<Promise<unknown>>();
  #dropped = 0;

  constructor(socket: Deno.DatagramConn, address: Deno.NetAddr) {
    this.#socket = socket;
    this.#address = address;
    ({ promise: this.gone, resolve: this.#resolveGone } = Promise.withResolvers<string>());
  }

  get dropped(): number {
    return this.#dropped;
  }

  get unsent(): number {
    return this.#pending.size;
  }

  send(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#send(frame);
  }

  sendData(frame: Uint8Array): void {
    if (this.#pending.size < maximumPending) this.#send(frame);
    else this.#dropped++;
  }

  /** Sends a frame as a datagram of its own. */
  #send(frame: Uint8Array): void {
    const sending = this.#socket.send(frame, this.#address).catch(() => this.#dropped++);
    this.#pending.add(sending);
    void sending.finally(() => this.#pending.delete(sending));
  }

  async close(time: number): Promise<void> {
    await resolvesWithin(time, Promise.all(this.#pending));
    this.end("it was closed");
  }

  /** Says that it is gone. */
  end(reason: string): void {
    this.#resolveGone(reason);
  }
}
