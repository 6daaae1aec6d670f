/**
 * What the figures should be.
 *
 * @module
 */

import { type Figure, findFigure, median, ratio } from "./_figures.ts";
import { linksTask } from "./links.ts";
import { latenessTask, stepsTask } from "./run.ts";
import { subjects } from "./_subjects.ts";

/** A figure that should not be exceeded, or reached. */
interface Target {
  /** What it is about. */
  what: string;
  /** The group that measures it. */
  group: string;
  /** What it should be. */
  wanted: { atLeast: number } | { atMost: number };
  /** What it is; undefined where it was not measured. */
  read(figures: readonly Figure[]): number | undefined;
}

/** A target and what became of it. */
export interface Outcome {
  /** What it is about. */
  what: string;
  /** What it should be, such as `">= 3"`. */
  wanted: string;
  /** What it is; undefined where it was not measured. */
  got: number | undefined;
  /** Whether it is what it should be; undefined where it was not measured. */
  isMet: boolean | undefined;
}

function codecTarget(way: "decode" | "encode", subject: string, values: number, atLeast: number): Target {
  return {
    what: `${way}, ${values} values / protobufjs static`,
    group: "codec",
    wanted: { atLeast },
    read: (figures) => compare(figures, "codec", `${way}, ${values} values`, subject, "protobufjs static"),
  };
}

function echoTarget(values: number, subject: string, other: string, atLeast: number): Target {
  return {
    what: `${subject}, ${values} values / ${other}`,
    group: "echo",
    wanted: { atLeast },
    read: (figures) => compare(figures, "echo", `32 on their way, ${values} values`, subject, other),
  };
}

function bridgeTarget(subject: string, other: string, atLeast: number): Target {
  return {
    what: `${subject}, 8 values / ${other}`,
    group: "bridge",
    wanted: { atLeast },
    read: (figures) => compare(figures, "bridge", "32 on their way, 8 values", subject, other),
  };
}

function roundTripTarget(values: number): Target {
  return {
    what: `round trip p50, ${values} values / ${subjects.bare}`,
    group: "echo",
    wanted: { atMost: 1.1 },
    read: (figures) => compare(figures, "echo", `1 on their way, ${values} values, p50`, subjects.echo, subjects.bare),
  };
}

/** A controller with a step for each sample beside an echo with the same options. */
function runTargets(subject: string, echo: string): Target[] {
  const target = (task: string, wanted: Target["wanted"], what: string): Target => ({
    ...{ what: `${subject}, ${what} / ${echo}`, group: "run", wanted },
    read: (figures) => compare(figures, "run", task, subject, echo),
  });
  return [
    target(stepsTask(32), { atLeast: 0.9 }, "rate"),
    target(stepsTask(1, "p50"), { atMost: 1.1 }, "round trip p50"),
  ];
}

/** The lateness of the steps of a controller on a grid. */
function latenessTarget(share: string, atMost: number): Target {
  return {
    what: `${subjects.runPolling}: lateness ${share} at 1 kHz, µs`,
    group: "run",
    wanted: { atMost },
    read(figures) {
      const found = findFigure(figures, "run", latenessTask(share), subjects.runPolling);
      return found === undefined ? undefined : median(found.runs);
    },
  };
}

function lossTarget(rate: number, subject: string, atMost: number): Target {
  const task = `${rate / 1000},000 a second`;
  return {
    what: `${subject}: % lost at ${task}`,
    group: "receiving",
    wanted: { atMost },
    read(figures) {
      const found = findFigure(figures, "receiving", task, subject);
      return found === undefined ? undefined : median(found.runs);
    },
  };
}

/** The rate of an echo over WebSockets in relation to that over UDP, and of long messages in samples per second. */
function webSocketTargets(subject: string): Target[] {
  return [{
    what: `${subject} / ${subjects.echoPlain}`,
    group: "links",
    wanted: { atLeast: 0.5 },
    read: (figures) => compare(figures, "links", linksTask(1), subject, subjects.echoPlain),
  }, {
    what: `${subject}: samples/s, 64 a message`,
    group: "links",
    wanted: { atLeast: 500_000 },
    read(figures) {
      const found = findFigure(figures, "links", linksTask(64), subject);
      return found === undefined ? undefined : median(found.runs);
    },
  }];
}

function answerTarget(rate: number, values: number, share: string, atMost: number): Target {
  return {
    what: `answer ${share}, ${rate}/s, ${values} values / ${subjects.c}`,
    group: "answers",
    wanted: { atMost },
    read: (figures) =>
      compare(figures, "answers", `${rate}/s, ${values} values, ${share}`, subjects.echoPolling, subjects.c),
  };
}

function startTarget(subject: string, atMost: number): Target {
  return {
    what: `${subject} / empty script`,
    group: "start-up",
    wanted: { atMost },
    read: (figures) => compare(figures, "start-up", "one run", subject, "empty script"),
  };
}

const targets: readonly Target[] = [
  codecTarget("decode", "ours", 8, 3),
  codecTarget("decode", "ours", 64, 3),
  codecTarget("encode", "ours, encodeInto", 8, 4),
  codecTarget("encode", "ours, encodeInto", 64, 4),
  echoTarget(8, subjects.echoPlain, subjects.bare, 0.95),
  echoTarget(64, subjects.echoPlain, subjects.bare, 0.75),
  echoTarget(8, subjects.echoJson, subjects.bare, 0.8),
  echoTarget(64, subjects.echoJson, subjects.bare, 0.55),
  echoTarget(8, subjects.echoJson, subjects.pythonPrinting, 2),
  echoTarget(64, subjects.echoJson, subjects.pythonPrinting, 2),
  echoTarget(8, subjects.echo, subjects.c, 0.75),
  bridgeTarget(subjects.bridge, subjects.echo, 0.9),
  bridgeTarget(subjects.bridgePlain, subjects.echoPlain, 0.9),
  bridgeTarget(subjects.bridgeMetrics, subjects.bridge, 0.9),
  ...runTargets(subjects.run, subjects.echo),
  ...runTargets(subjects.runPolling, subjects.echoPolling),
  latenessTarget("p99", 200),
  roundTripTarget(8),
  roundTripTarget(64),
  startTarget("--version", 1.5),
  lossTarget(50_000, subjects.recv, 0),
  lossTarget(80_000, subjects.recvJson, 0),
  answerTarget(1000, 8, "p50", 0.8),
  answerTarget(10_000, 8, "p50", 0.8),
  answerTarget(1000, 8, "p99", 0.5),
  answerTarget(10_000, 8, "p99", 0.5),
  answerTarget(1000, 8, "p99.9", 0.5),
  answerTarget(10_000, 8, "p99.9", 0.5),
  answerTarget(1000, 64, "p50", 1),
  answerTarget(10_000, 64, "p50", 1),
  startTarget("import { connect }", 1.5),
  startTarget("recv, until it is ready", 2),
  {
    what: "import { connect }: peak memory, MB",
    group: "start-up",
    wanted: { atMost: 36 },
    read(figures) {
      const found = findFigure(figures, "start-up", "peak memory", "import { connect }");
      return found === undefined ? undefined : median(found.runs);
    },
  },
  {
    what: "time of a value above 512 / above 64",
    group: "growth",
    wanted: { atMost: 1.2 },
    read(figures) {
      const [long, short] = ["512, up to 5000", "64, up to 512"].map((range) =>
        findFigure(figures, "growth", `each value above ${range}`, subjects.echo)
      );
      return long === undefined || short === undefined ? undefined : ratio(long, short);
    },
  },
  ...webSocketTargets(subjects.webSocketServer),
  ...webSocketTargets(subjects.webSocketClient),
];

/** Holds the figures against the targets of the groups that were run. */
export function judge(figures: readonly Figure[], groups: readonly string[]): Outcome[] {
  return targets.filter(({ group }) => groups.includes(group)).map(({ what, wanted, read }) => {
    const got = read(figures);
    const [sign, limit, isMet] = "atLeast" in wanted
      ? [">=", wanted.atLeast, (got ?? NaN) >= wanted.atLeast] as const
      : ["<=", wanted.atMost, (got ?? NaN) <= wanted.atMost] as const;
    return { what, wanted: `${sign} ${limit}`, got, isMet: got === undefined ? undefined : isMet };
  });
}

function compare(figures: readonly Figure[], group: string, task: string, subject: string, other: string) {
  const left = findFigure(figures, group, task, subject);
  const right = findFigure(figures, group, task, other);
  return left === undefined || right === undefined ? undefined : ratio(left, right);
}
