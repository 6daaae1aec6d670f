/**
 * Commands over TCP.
 *
 * @module
 */

import { maximumFrameLength } from "../../formats/c37_118/frame.ts";
import { explainOpening } from "../_listen.ts";
import { authorityOf, type ConnectionAddress } from "../address.ts";
import type { CommandHandler, CommandPort } from "./command_port.ts";
import { hostToBind, withPort } from "./options.ts";
import { TcpPdc } from "./tcp_pdc.ts";

/** A TCP port that PDCs connect to. */
export class TcpPort implements CommandPort {
  readonly local: string;
  readonly maximumFrame = maximumFrameLength;
  readonly #listener: Deno.TcpListener;
  #isClosed = false;

  /**
   * Opens the port.
   *
   * @param address Address to serve
   * @throws {Deno.errors.AddrInUse} If the port is in use
   */
  constructor(address: ConnectionAddress) {
    try {
      this.#listener = Deno.listen({ hostname: hostToBind(address), port: address.port });
    } catch (error) {
      throw explainOpening(error, address.text);
    }
    this.local = withPort(address, this.#listener.addr.port);
  }

  start(handler: CommandHandler): void {
    void this.#accept(handler);
  }

  async #accept(handler: CommandHandler): Promise<void> {
    for (;;) {
      let tcp: Deno.TcpConn;
      try {
        tcp = await this.#listener.accept();
      } catch {
        if (this.#isClosed) return;
        continue; // the PDC was gone before it was accepted
      }
      if (this.#isClosed || handler.isFull) {
        tcp.close();
        continue;
      }
      const pdc = new TcpPdc(tcp, (frame) => handler.obey(pdc, frame));
      handler.admit(pdc, authorityOf({ host: tcp.remoteAddr.hostname, port: tcp.remoteAddr.port }));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#listener.close();
  }
}
