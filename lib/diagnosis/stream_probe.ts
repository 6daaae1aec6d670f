/**
 * Connects to a stream of synchrophasors as a PDC, in the version of frames that the PMU answers, and watches it.
 *
 * @module
 */

import { commands } from "../formats/c37_118/command.ts";
import { type Address, toConnectionAddress } from "../transports/address.ts";
import { openSynchrophasors } from "../transports/c37_118.ts";
import { noAnswer, parseIdcode } from "../transports/c37_118/options.ts";
import { observeStream, type StreamObservation } from "./stream_observation.ts";

/** Options of {@linkcode probeStream}. */
export interface ProbeOptions {
  /** Time to watch the data for, in seconds. */
  readonly seconds: number;
  /** Time to wait for the configuration in each version, in seconds; default 5. */
  readonly answerTimeout?: number;
  /** Ends the observation. */
  readonly signal?: AbortSignal;
}

/** Versions of commands, in the order in which they are tried. */
const versions = [1, 2] as const;

/**
 * Observes a stream: as its PDC, it asks for the configuration in version 1, and in version 2 where nothing answers that, starts
 * the data, asks for the header and configuration 3, and watches what comes.
 *
 * @param address Address of the PMU
 * @param options How long to watch
 * @returns The observation, also where nothing answers
 *
 * @example Nobody listens
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { diagnoseStream, probeStream } from "@villas/client/diagnosis";
 *
 * const observation = await probeStream("c37.118://127.0.0.1:1", { seconds: 1 });
 * assertEquals(diagnoseStream(observation).map(({ code }) => code), ["no-connection"]);
 * ```
 */
export async function probeStream(address: string | Address, options: ProbeOptions): Promise<StreamObservation> {
  const { text, ...parsed } = toConnectionAddress(address, "c37.118");
  const given = parseIdcode({ ...parsed, text });
  const circumstances = {
    address: text,
    idcode: given ?? 1,
    isIdcodeGiven: given !== undefined,
    failures: [] as string[],
  };
  const unanswered: number[] = [];
  let observation: StreamObservation | undefined;
  for (const version of versions) {
    const answered = { version, unanswered };
    observation = await probeVersion({ ...circumstances, answered }, options);
    if (observation.connects > 0 || options.signal?.aborted) return observation;
    // Where nobody listens, another version does not help.
    if (!circumstances.failures.at(-1)?.startsWith(noAnswer)) break;
    unanswered.push(version);
  }
  if (observation === undefined) throw new TypeError("Cannot probe a stream in no version");
  return { ...observation, answered: undefined };
}

async function probeVersion(
  circumstances: Parameters<typeof observeStream>[1] & { readonly failures: string[] },
  { seconds, answerTimeout, signal }: ProbeOptions,
): Promise<StreamObservation> {
  const { address, idcode, answered, failures } = circumstances;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const transport = await openSynchrophasors({
    remote: address,
    synchrophasors: {
      idcode,
      version: answered?.version === 2 ? 2 : 1,
      ...answerTimeout === undefined ? {} : { answerTimeout },
      extraCommands: [commands.sendHeader, commands.sendConfiguration3],
    },
    onStateChange(state) {
      if (state.isUp) timer ??= setTimeout(close, seconds * 1000);
      else failures.push(state.reason);
      // Once it has answered, a loss is a part of the observation.
      if (!state.isUp && !state.wasUp && timer === undefined) close();
    },
  });
  function close(): void {
    transport.close();
  }
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  try {
    return await observeStream(transport, circumstances);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", close);
    close();
    await transport.closed;
  }
}
