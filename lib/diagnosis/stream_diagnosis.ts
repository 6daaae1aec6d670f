/**
 * Diagnoses a stream of synchrophasors, in plain words.
 *
 * @module
 */

import type { Finding } from "./diagnosis.ts";
import type { StreamObservation } from "./stream_observation.ts";
import { framesPerSecond } from "../formats/c37_118/configuration.ts";
import { plural, times } from "../system/text.ts";
import { noAnswer } from "../transports/c37_118/options.ts";

/** A rate that differs from the announced one by more than this part of it is reported. */
const rateTolerance = 0.05;

/** Reporting periods that a frame may take from its time to its arrival, by class. */
const latencyPeriods = { P: 2, M: 7 } as const;

/** An error of the clock above this, in seconds, is more than synchrophasors bear: 1 % of TVE at 50 Hz. */
const timeTolerance = 31e-6;

/**
 * Finds what is wrong with a stream of synchrophasors.
 *
 * @param observation The observation of the stream
 * @returns The findings, errors before warnings; none where all is well
 *
 * @see IEEE C37.118.2-2011; IEC/IEEE 60255-118-1:2018, 7.4 (a frame of class P arrives within 2 reporting periods, one of class M
 * within 7); VILLASnode's `lib/nodes/c37_118.cpp`
 */
export function diagnoseStream(observation: StreamObservation): Finding[] {
  if (observation.configuration === undefined) return diagnoseNoConfiguration(observation);
  return [
    ...diagnoseConfiguration(observation),
    ...diagnoseData(observation),
    ...diagnoseFrames(observation),
    ...diagnoseStatus(observation),
    ...diagnoseRate(observation),
    ...diagnoseLatency(observation),
    ...diagnoseConnection(observation),
  ].sort((a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"));
}

function error(code: string, cause: string, fix: string): Finding {
  return { code, severity: "error", cause, fix };
}

function warning(code: string, cause: string, fix: string): Finding {
  return { code, severity: "warning", cause, fix };
}

function diagnoseNoConfiguration({ address, failures, connects, idcode, unreadable }: StreamObservation): Finding[] {
  if (unreadable !== undefined) {
    return [error(
      "unreadable-configuration",
      `The configuration of ${address} cannot be read: ${unreadable}`,
      "Update the firmware of the device, or report the frame to the authors of this program",
    )];
  }
  const reasons = [...new Set(failures)];
  if (reasons.some((reason) => reason.startsWith(noAnswer)) || connects > 0) {
    return [error(
      "no-configuration",
      `${address} accepts connections, but answers no request for its configuration as stream ${idcode}, neither in version 1 ` +
        "nor in version 2",
      "Give the identifier that the device is set to, as in c37.118://HOST:PORT/IDCODE: most devices answer no other; check that " +
        "it is a PMU or PDC of C37.118, and not of its forerunner IEEE 1344",
    )];
  }
  return [error(
    "no-connection",
    `Cannot connect to ${address}: ${reasons[0] ?? "nothing answered"}`,
    "Check that the PMU runs, its port (4712 is the usual one), and that no firewall is in between",
  )];
}

function diagnoseConfiguration(observation: StreamObservation): Finding[] {
  const { configuration, answered, idcode, isIdcodeGiven } = observation;
  const findings: Finding[] = [];
  if (configuration === undefined) return findings;
  if (answered !== undefined && answered.unanswered.length > 0) {
    findings.push(warning(
      "other-version",
      `It answers commands of version ${answered.version} only, not of version ${answered.unanswered.join(", ")}`,
      `Give --format '{"type": "c37.118", "version": ${answered.version}}'`,
    ));
  }
  if (configuration.idcode !== idcode && isIdcodeGiven) {
    findings.push(warning(
      "other-stream",
      `It was asked for stream ${idcode}, and answers as stream ${configuration.idcode}`,
      `Give the address with /${configuration.idcode}: other devices answer nothing to a wrong identifier`,
    ));
  }
  if (configuration.pmus.length === 0) {
    findings.push(
      error("no-pmu", "Its configuration has no PMU: the data has no values", "Add PMUs to its configuration"),
    );
  }
  if ((configuration.timeBaseFlags ?? 0) !== 0) {
    findings.push(warning(
      "time-base-flags",
      `The upper 8 bits of TIME_BASE are ${configuration.timeBaseFlags}, and are reserved`,
      "Do not let a VILLASnode read it: it takes these bits for a part of the number, and all of its times are wrong",
    ));
  }
  const integers = configuration.pmus.filter(({ numbers }) => !numbers.hasFloatPhasors || !numbers.hasFloatAnalogs);
  if (integers.length > 0) {
    findings.push(warning(
      "integer-values",
      `${plural(integers.length, "PMU")} of it ${
        integers.length === 1 ? "sends" : "send"
      } 16-bit phasors or analogue values`,
      "Set the device to floats if a VILLASnode 1.2 reads it: from configuration 2 it scales 16-bit values wrongly, phasors by a " +
        "factor of 100000",
    ));
  }
  return findings;
}

function diagnoseData({ configuration, dataFrames, unfitting, strangers, seconds }: StreamObservation): Finding[] {
  const findings: Finding[] = [];
  if (dataFrames === 0) {
    findings.push(error(
      "no-data",
      `It has told its configuration, but no data came within ${seconds.toFixed(1)} s of the command to start`,
      "Check that the device measures; a VILLASnode sends a frame for each sample of the path that ends in the node",
    ));
  }
  if (unfitting.count > 0) {
    findings.push(error(
      "data-unfit",
      `${unfitting.count} of ${plural(dataFrames, "data frame")} do not fit the configuration: the first one has ` +
        `${unfitting.length} bytes`,
      "Restart the device, which sends other data than it says; or another PDC has changed its configuration",
    ));
  }
  if (strangers.count > 0) {
    findings.push(warning(
      "data-of-other-stream",
      `${strangers.count} of ${
        plural(dataFrames, "data frame")
      } have the identifier ${strangers.idcode}, and the configuration ` +
        `has ${configuration?.idcode}`,
      "Set the device to one identifier: a PDC with several streams cannot tell whose data it is",
    ));
  }
  return findings;
}

function diagnoseFrames({ frames, sequence, dataFrames, configuration }: StreamObservation): Finding[] {
  const { badChecksums, lostSyncs, skippedBytes } = frames;
  const findings: Finding[] = [];
  if (badChecksums + lostSyncs > 0) {
    findings.push(error(
      "damaged-frames",
      `${plural(badChecksums, "frame")} had a wrong checksum, and the start of a frame was lost ${times(lostSyncs)} ` +
        `(${plural(skippedBytes, "byte")} skipped)`,
      "Look for a converter of serial lines on the way, or a fault of the device: TCP itself delivers bytes as they were sent",
    ));
  }
  const { missing, duplicate, reordered } = sequence;
  if (missing > 0) {
    findings.push(warning(
      "frames-missing",
      `By their times and the rate of ${framesPerSecond(configuration?.dataRate ?? 0)} per second, ${missing} of ` +
        `${missing + dataFrames} frames are missing`,
      "Compare the announced rate with the real one; otherwise the device or a PDC on the way leaves frames out",
    ));
  }
  if (duplicate + reordered > 0) {
    findings.push(warning(
      "times-not-rising",
      `The times do not rise by one period: ${duplicate} frames have the period of another one, and ${reordered} came late`,
      "Check whether the device sends faster than it says (DATA_RATE), or its clock is being set",
    ));
  }
  return findings;
}

function diagnoseStatus({ status, dataFrames, maximumTimeError }: StreamObservation): Finding[] {
  const findings: Finding[] = [];
  const of = (count: number) => `${count} of ${plural(dataFrames, "data frame")}`;
  if (status.dataError > 0) {
    findings.push(error(
      "data-error",
      `The PMU says of ${of(status.dataError)} that values are wrong, absent or of a test mode`,
      "Look at --stat-signals for the PMU that it is, and at its front panel; do not use these values",
    ));
  }
  if (status.notSynchronized > 0 || maximumTimeError > timeTolerance) {
    const error = maximumTimeError === Infinity
      ? "its clock has failed"
      : `its time may be off by ${maximumTimeError} s`;
    findings.push(warning(
      "clock-unlocked",
      status.notSynchronized > 0
        ? `The PMU is not in sync with UTC in ${of(status.notSynchronized)}${
          maximumTimeError > 0 ? `, and ${error}` : ""
        }`
        : `By the time quality of its frames, ${error}`,
      "Check the antenna or the PTP source of the device: at 50 Hz, 31 us are 1 % of TVE",
    ));
  }
  if (status.changing > 0) {
    findings.push(warning(
      "configuration-changing",
      `${of(status.changing)} announce a change of the configuration`,
      "Ask for the configuration again in a minute: recv does so by itself",
    ));
  }
  return findings;
}

function diagnoseRate({ rate, configuration }: StreamObservation): Finding[] {
  const announced = framesPerSecond(configuration?.dataRate ?? 0);
  if (rate === undefined || announced === 0 || Math.abs(rate - announced) <= rateTolerance * announced) return [];
  return [warning(
    "other-rate",
    `It announces ${announced} frames per second, and sends ${Number(rate.toPrecision(3))} by their times`,
    "Set the rate of the device to what it sends (data_rate of a VILLASnode, which only announces it)",
  )];
}

function diagnoseLatency({ latency, configuration }: StreamObservation): Finding[] {
  const rate = framesPerSecond(configuration?.dataRate ?? 0);
  if (latency.count === 0 || rate === 0) return [];
  if (latency.min < 0) {
    return [warning(
      "clock-offset",
      `Frames seem to arrive ${
        (-latency.min).toFixed(6)
      } s before they were measured: this machine's clock is behind, or the PMU's ` +
        "ahead",
      "Synchronize both clocks (NTP or PTP) before you trust a latency",
    )];
  }
  const isProtection = configuration?.pmus.some(({ details }) => details?.serviceClass === "P") ?? false;
  const name = isProtection ? "P" : "M";
  const limit = latencyPeriods[name] / rate;
  if (latency.max <= limit) return [];
  return [warning(
    "latency",
    `Frames arrive up to ${latency.max.toFixed(3)} s after their time (${
      (latency.sum / latency.count).toFixed(3)
    } s on average), ` +
      `and class ${name} allows ${limit.toFixed(3)} s at ${rate} frames per second`,
    "Compare the clocks first; then look for buffering PDCs, and slow or loaded networks on the way",
  )];
}

function diagnoseConnection({ connects, losses, seconds }: StreamObservation): Finding[] {
  if (losses === 0) return [];
  return [warning(
    "connection-lost",
    `It closed the connection ${times(losses)} within ${seconds.toFixed(1)} s (${plural(connects, "connection")})`,
    "Stop other PDCs of this device: one for a single PDC, such as a VILLASnode, drops the old one when a new one connects, and " +
      "the two take it from each other",
  )];
}
