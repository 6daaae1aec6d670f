/**
 * The transport `c37.118`: whole frames of synchrophasors over TCP, as a PDC that asks a PMU for them, or as a PMU that serves
 * them.
 *
 * @module
 */

import { toConnectionAddress } from "./address.ts";
import { isUdpStream, parseIdcode, roleOf, type SynchrophasorOptions } from "./c37_118/options.ts";
import { PdcLink } from "./c37_118/pdc.ts";
import { PmuServer } from "./c37_118/pmu_server.ts";
import { TcpPort } from "./c37_118/tcp_port.ts";
import type { ConnectionOptions } from "./link/options.ts";
import type { Transport } from "./transport.ts";

/** Options of {@linkcode openSynchrophasors}. */
export interface SynchrophasorConnectionOptions extends ConnectionOptions {
  /** Choices of the protocol. */
  synchrophasors?: SynchrophasorOptions;
}

/**
 * Opens a stream of synchrophasors: as a PDC with `remote`, as a PMU with `local`.
 *
 * A PDC connects, asks for the configuration, starts the data, and stops it at its end. It asks again where the data says that
 * the configuration changes, or does not fit it; data that comes before the answer waits for it. What it receives is the frames
 * as they came, a configuration frame first; they are for the format `c37.118`. It sends nothing but commands.
 *
 * A PMU serves any number of PDCs, each of which starts and stops the data for itself. It answers commands with the
 * configuration and header frames that were sent last, and sends data frames to those that have started. A PDC that takes them
 * more slowly than they come loses the oldest, and delays nobody.
 *
 * Over UDP (`c37.118+udp:`) it is a PDC unless its role is that of a PMU: with `remote`, commands and data are datagrams; with both
 * addresses, commands go to the remote over TCP and the data comes to the local one; with `local`, it receives what a PMU sends by
 * itself. A PMU with `local` takes commands as datagrams, and sends the data to those who start it; with `remote`, it sends the data
 * there by itself, and a configuration each minute; with both, commands come to the local one, over TCP (`c37.118:`) or UDP, and the
 * data goes to the remote while a PDC has started it.
 *
 * @param options Addresses such as `c37.118://192.0.2.1:4712/7`, where 7 is the identifier of the stream in commands; default: 1
 * @returns The transport; a PDC connects in the background
 * @throws {SyntaxError} If an address cannot be parsed
 * @throws {TypeError} If there is no address, or the addresses are not those of the role
 * @throws {Deno.errors.AddrInUse} If the port is in use
 *
 * @see IEEE C37.118.2-2011, 6.6 and annex E; VILLASnode, `lib/nodes/c37_118.cpp`
 *
 * @example A PMU and its PDC
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { connect, parseSignals } from "@villas/client";
 *
 * const signals = parseSignals('[{"name": "va", "type": "complex"}, {"name": "frequency"}]');
 * await using pmu = await connect({ local: "c37.118://127.0.0.1:0", signals });
 * await using pdc = await connect({ remote: pmu.local });
 * await pmu.ready();
 * await pmu.send({ tsOrigin: { sec: 7, nsec: 0 }, values: [{ real: 230, imag: 0 }, 50] });
 * for await (const { values } of pdc) {
 *   assertEquals(values, [{ real: 230, imag: 0 }, 50, 0]);
 *   break;
 * }
 * ```
 */
export async function openSynchrophasors(options: SynchrophasorConnectionOptions = {}): Promise<Transport> {
  const [local, remote] = [options.local, options.remote].map((address) => {
    return address === undefined ? undefined : toConnectionAddress(address, "c37.118");
  });
  const [address] = [remote, local].filter((address) => address !== undefined);
  if (address === undefined) throw new TypeError("Cannot open a stream of synchrophasors without an address");
  for (const end of [local, remote]) if (end !== undefined) parseIdcode(end);
  const choices = options.synchrophasors ?? {};
  const isPmu = roleOf(local, remote, choices.role) === "pmu";
  if (isPmu && options.whenDown !== undefined) {
    throw new TypeError("Cannot choose what to do when the connection is down for a PMU: PDCs connect to it");
  }
  if (isUdpStream(local) || isUdpStream(remote)) {
    // Only streams over UDP need sockets of it.
    const { openUdpPdc, openUdpPmu } = await import("./c37_118/udp.ts");
    return isPmu ? await openUdpPmu(local, remote, options) : await openUdpPdc(local, remote, choices, options);
  }
  if (isPmu) return new PmuServer({ port: new TcpPort(address), sink: undefined }, options);
  return new PdcLink(address, { idcode: parseIdcode(address) ?? 1, ...choices }, options);
}
