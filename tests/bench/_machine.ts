/**
 * The machine that the bench runs on, and whether it has anything else to do.
 *
 * @module
 */

/** A machine, as far as it matters to the figures. */
export interface Machine {
  /** Name of the processor. */
  processor: string;
  /** Number of its cores. */
  cores: number;
  /** Operating system and its version. */
  system: string;
  /** Version of Deno. */
  deno: string;
  /** Version of V8. */
  v8: string;
  /** How many processes wanted to run, on average over the last minute. */
  load: number;
}

/** Above this load the figures are those of others, too. */
const busyLoad = 0.5;

/** Describes this machine. */
export async function describeMachine(): Promise<Machine> {
  const { deno, v8 } = Deno.version;
  return {
    processor: await readProcessor(),
    cores: navigator.hardwareConcurrency,
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    deno,
    v8,
    load: Deno.loadavg()[0] ?? 0,
  };
}

/** Why the figures are less worth than they look, if they are. */
export function findBusyness({ load, cores }: Machine): string | undefined {
  if (load <= busyLoad) return undefined;
  return `This machine of ${cores} cores is busy (load ${
    load.toFixed(2)
  }): rates are too low, only ratios mean something`;
}

/** Time that the processors have counted since the start of the machine, in ticks. */
export interface ProcessorTicks {
  /** All of it. */
  readonly all: number;
  /** Ticks in which they had work, and the host of a virtual machine let another one run. */
  readonly stolen: number;
}

/**
 * Reads the ticks of all processors together; 0 where the system does not tell them.
 *
 * @see proc(5), `/proc/stat`
 */
export function readTicks(): ProcessorTicks {
  try {
    const [, line = ""] = /^cpu +(.*)$/m.exec(Deno.readTextFileSync("/proc/stat")) ?? [];
    // user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted among them.
    const ticks = line.split(" ").slice(0, 8).map(Number);
    return { all: ticks.reduce((sum, count) => sum + count, 0), stolen: ticks[7] ?? 0 };
  } catch {
    return { all: 0, stolen: 0 };
  }
}

/** Above this share of stolen time the longest answers are the host's. */
const bearableTheft = 0.005;

/** Why the longest times are not those of what was measured, if they are not. */
export function findTheft(before: ProcessorTicks, after: ProcessorTicks): string | undefined {
  const share = (after.stolen - before.stolen) / (after.all - before.all);
  if (!(share > bearableTheft)) return undefined;
  return `The host of this machine gave ${
    (100 * share).toFixed(1)
  } % of its processors' time to others: p99 and p99.9 are ` +
    `partly its own`;
}

async function readProcessor(): Promise<string> {
  try {
    const [, name = ""] = /^model name\s*:\s*(.*)$/m.exec(await Deno.readTextFile("/proc/cpuinfo")) ?? [];
    return name;
  } catch {
    return Deno.build.arch;
  }
}

/**
 * Returns how long all threads of a process have run so far, in seconds; NaN where the system does not say it.
 *
 * @param pid Number of the process
 */
export function readProcessorTime(pid: number): number {
  try {
    let nanoseconds = 0;
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]);
    }
    return nanoseconds / 1e9;
  } catch {
    return NaN;
  }
}
