/**
 * Lets functions run in turns, some milliseconds each, so that what else the machine does hits all of them.
 *
 * @module
 */

/** How often and how long the candidates run. */
export interface RaceLength {
  /** Turns of each candidate that count. */
  rounds: number;
  /** Length of a turn, in milliseconds. */
  turn: number;
}

/** Turns in front of those that count: the compiler has seen the code then. */
const warmUpRounds = 5;

/**
 * Runs the candidates in turns.
 *
 * @param candidates What to run, by name
 * @param length How often and how long
 * @param record Called with the calls a second of each turn
 */
export function race(
  candidates: Readonly<Record<string, () => unknown>>,
  { rounds, turn }: RaceLength,
  record: (name: string, rate: number) => void,
): void {
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [name, run] of Object.entries(candidates)) {
      const rate = measure(run, turn);
      if (round >= 0) record(name, rate);
    }
  }
}

function measure(run: () => unknown, turn: number): number {
  const start = performance.now();
  let end = start;
  let calls = 0;
  // Reading the clock costs as much as a small call, so that it is read seldom.
  while (end - start < turn) {
    for (let i = 0; i < 20; i++) run();
    calls += 20;
    end = performance.now();
  }
  return calls / (end - start) * 1000;
}
