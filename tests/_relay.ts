/**
 * A bad network for tests: a relay between two real UDP sockets that drops, delays, duplicates, reorders, truncates and
 * corrupts what passes, exactly as its plan says.
 *
 * @module
 */

import { seededRandom } from "./_random.ts";

/** What happens to one datagram. */
export type Fault =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  /** Sent on once, and at once so many times more. */
  | { readonly kind: "duplicate"; readonly copies: number }
  /** Sent on behind so many of the datagrams that come after it, whatever happens to those. */
  | { readonly kind: "reorder"; readonly places: number }
  /** Sent on after this time; others overtake it meanwhile. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** Only this share of its bytes is sent on, 0 to 1, rounded down. */
  | { readonly kind: "truncate"; readonly share: number }
  /** The byte at this share of its length, 0 to below 1, is changed by this mask (exclusive or). */
  | { readonly kind: "corrupt"; readonly share: number; readonly mask: number };

/** Says what happens to a datagram, from its number in the order in which it came: 0, 1, ... */
export type Plan = (index: number) => Fault;

/** Nothing goes wrong. */
export const faultless: Plan = () => ({ kind: "pass" });

/** A plan for certain datagrams; all others pass. */
export function planFor(faults: Readonly<Record<number, Fault>>): Plan {
  return (index) => faults[index] ?? { kind: "pass" };
}

/** How likely each fault is, 0 to 1; together at most 1. */
export type FaultShares = Partial<Record<Exclude<Fault["kind"], "pass">, number>>;

/**
 * A plan by chance that is the same for the same seed. The fault of a datagram depends on the seed and its number alone.
 *
 * @param seed Any whole number
 * @param shares How likely each fault is
 */
export function seededPlan(seed: number, shares: FaultShares): Plan {
  return (index) => {
    const random = seededRandom(Math.imul(seed, 0x01_0001) + index);
    let left = random.next() / 2 ** 32;
    for (const [kind, share] of Object.entries(shares)) {
      left -= share;
      if (left < 0) return faultOf(kind as Fault["kind"], random);
    }
    return { kind: "pass" };
  };
}

function faultOf(kind: Fault["kind"], { below, next }: ReturnType<typeof seededRandom>): Fault {
  switch (kind) {
    case "duplicate":
      return { kind, copies: 1 };
    case "reorder":
      return { kind, places: 1 + below(4) };
    case "delay":
      return { kind, milliseconds: 1 + below(20) };
    case "truncate":
      return { kind, share: next() / 2 ** 32 };
    case "corrupt":
      return { kind, share: next() / 2 ** 32, mask: 1 + below(255) };
    default:
      return { kind };
  }
}

/** One direction of a relay. */
export interface Direction {
  /** How many datagrams have come so far. */
  readonly taken: number;
  /** How many datagrams were sent on so far, duplicates among them. */
  readonly sent: number;
  /** What was done to each datagram that came, in the order in which they came. */
  readonly done: readonly Fault[];
  /** Waits until so many datagrams have come. */
  untilTaken(count: number): Promise<void>;
  /** Waits until so many datagrams were sent on. */
  untilSent(count: number): Promise<void>;
  /** Sends on what is held back (`reorder`, `delay`), in the order in which it came, and waits until all is sent. */
  release(): Promise<void>;
}

/** A relay: the near end sends to it as if it were the far end. Answers go to where the near end sent from last. */
export interface Relay extends AsyncDisposable {
  /** The address that stands for the far end: the remote of the near end. */
  readonly nearAddress: string;
  /** The address that stands for the near end: the remote of the far end. */
  readonly farAddress: string;
  /** From the near end to the far end. */
  readonly forth: Direction;
  /** From the far end to the near end. */
  readonly back: Direction;
  /** Sets the address of the far end, such as `udp://127.0.0.1:12001`; what comes before that is lost. */
  setFarEnd(address: string): void;
}

/** What a relay does. */
export interface RelayOptions {
  /** What happens on the way to the far end; default: nothing. */
  forth?: Plan;
  /** What happens on the way back; default: nothing. */
  back?: Plan;
  /** Address of the far end, if it is known already. */
  farEnd?: string;
}

/** Opens a relay on two free ports of 127.0.0.1. */
export function openRelay({ forth = faultless, back = faultless, farEnd }: RelayOptions = {}): Relay {
  const near = listen();
  const far = listen();
  let nearEnd: Deno.Addr | undefined;
  let farEndAddress = farEnd === undefined ? undefined : parse(farEnd);
  const toFar = createDirection(forth, async (datagram) => {
    if (farEndAddress !== undefined) await far.send(datagram, farEndAddress);
  });
  const toNear = createDirection(back, async (datagram) => {
    if (nearEnd !== undefined) await near.send(datagram, nearEnd);
  });
  const running = [
    pump(near, (datagram, from) => {
      nearEnd = from;
      toFar.take(datagram);
    }),
    pump(far, (datagram) => toNear.take(datagram)),
  ];
  return {
    nearAddress: format(near.addr),
    farAddress: format(far.addr),
    forth: toFar,
    back: toNear,
    setFarEnd(address) {
      farEndAddress = parse(address);
    },
    async [Symbol.asyncDispose]() {
      toFar.close();
      toNear.close();
      near.close();
      far.close();
      await Promise.all(running);
    },
  };
}

/** A datagram that waits. */
interface Held {
  readonly datagram: Uint8Array;
  /** The number of the datagram behind which it is sent. */
  readonly behind: number;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
}

function createDirection(plan: Plan, send: (datagram: Uint8Array) => Promise<void>) {
  const done: Fault[] = [];
  const held = new Set<Held>();
  let taken = 0;
  let sent = 0;
  let closed = false;
  let sending = Promise.resolve();
  let notify = Promise.withResolvers<void>();

  function tell(): void {
    notify.resolve();
    notify = Promise.withResolvers();
  }

  async function until(isReached: () => boolean): Promise<void> {
    while (!isReached() && !closed) await notify.promise;
  }

  function pass(datagram: Uint8Array): void {
    sending = sending.then(async () => {
      if (closed) return;
      // Nobody at the other end is a fault of the network like any other.
      await send(datagram).catch(() => {});
      sent++;
      tell();
    });
  }

  function letGo(entry: Held): void {
    clearTimeout(entry.timer);
    held.delete(entry);
    pass(entry.datagram);
  }

  function hold(datagram: Uint8Array, behind: number, milliseconds?: number): void {
    const timer = milliseconds === undefined ? undefined : setTimeout(() => letGo(entry), milliseconds);
    const entry: Held = { datagram, behind, timer };
    held.add(entry);
  }

  function apply(fault: Fault, datagram: Uint8Array, index: number): void {
    switch (fault.kind) {
      case "pass":
        return pass(datagram);
      case "drop":
        return;
      case "duplicate":
        for (let copy = 0; copy <= fault.copies; copy++) pass(datagram);
        return;
      case "reorder":
        return hold(datagram, index + fault.places);
      case "delay":
        return hold(datagram, Infinity, fault.milliseconds);
      case "truncate":
        return pass(datagram.subarray(0, Math.floor(datagram.length * fault.share)));
      case "corrupt": {
        const offset = Math.floor(datagram.length * fault.share);
        return pass(datagram.map((byte, place) => place === offset ? byte ^ fault.mask : byte));
      }
    }
  }

  return {
    get taken() {
      return taken;
    },
    get sent() {
      return sent;
    },
    done,
    untilTaken: (count: number) => until(() => taken >= count),
    untilSent: (count: number) => until(() => sent >= count),
    take(datagram: Uint8Array): void {
      const index = taken++;
      const fault = plan(index);
      done.push(fault);
      apply(fault, datagram, index);
      for (const entry of held) if (entry.behind <= index) letGo(entry);
      tell();
    },
    async release() {
      for (const entry of held) letGo(entry);
      await sending;
    },
    close(): void {
      closed = true;
      for (const { timer } of held) clearTimeout(timer);
      tell();
    },
  };
}

function listen(): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
}

/** Hands on what a socket receives, in memory of its own, until the socket is closed. */
async function pump(socket: Deno.DatagramConn, take: (datagram: Uint8Array, from: Deno.Addr) => void): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (;;) {
    try {
      const [datagram, from] = await socket.receive(buffer);
      take(datagram.slice(), from);
    } catch (error) {
      // Windows reports here that an earlier datagram found no receiver.
      if (!(error instanceof Deno.errors.ConnectionReset)) return;
    }
  }
}

function format(address: Deno.Addr): string {
  const { hostname, port } = address as Deno.NetAddr;
  return `udp://${hostname}:${port}`;
}

function parse(address: string): Deno.NetAddr {
  const { hostname, port } = new URL(address.replace(/^udp:/, "http:"));
  return { transport: "udp", hostname, port: Number(port) };
}
