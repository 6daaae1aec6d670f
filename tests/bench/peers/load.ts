/**
 * The load generator where there is no C compiler: takes the commands of `load.c` and answers as that does, but is
 * itself no faster than Deno, so that figures of a fast echo are those of this program.
 *
 * @module
 */

const window = 4096;
const firstNumber = 2 ** 28;
const patience = 100;

const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
console.log(`ready ${(socket.addr as Deno.NetAddr).port}`);

const buffer = new Uint8Array(65_536);
const sentAt = new Float64Array(window);
let number = firstNumber;
let payload = new Uint8Array();
let offset = 0;
let target: Deno.NetAddr = { transport: "udp", hostname: "127.0.0.1", port: 0 };

/** What to do with each datagram that comes; one receiver runs all the time. */
let take = (_datagram: Uint8Array, _time: number): void => {};

async function receiveAll(): Promise<void> {
  for (;;) {
    const [datagram] = await socket.receive(buffer);
    // A bridge answers from another port than it receives on; what the last one sent too late has an old number.
    if (number - numberOf(datagram) <= window) take(datagram, performance.now());
  }
}

async function sendNext(): Promise<void> {
  for (let i = 0; i < 5; i++) payload[offset + i] = Math.floor(number / 128 ** i) & 0x7f | (i < 4 ? 0x80 : 0);
  sentAt[number++ % window] = performance.now();
  await socket.send(payload, target);
}

function numberOf(datagram: Uint8Array): number {
  let value = 0;
  for (let i = 0; i < 5; i++) value += ((datagram[offset + i] ?? 0) & 0x7f) * 128 ** i;
  return value;
}

async function runLoop(size: number, seconds: number, count: number): Promise<Record<string, number>> {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const roundTrips: number[] = [];
  let echoes = 0;
  let lost = 0;
  let flying = 0;
  let last = end;
  const done = Promise.withResolvers<void>();
  let sending = Promise.resolve();
  const fill = () => {
    for (; flying < size; flying++) sending = sending.then(sendNext);
  };
  sentAt.fill(0);
  take = (datagram, time) => {
    const echoed = numberOf(datagram);
    const sent = sentAt[echoed % window] ?? 0;
    if (number - echoed > window || sent === 0) return;
    sentAt[echoed % window] = 0;
    flying--;
    if (time >= end || (count > 0 && echoes >= count)) return done.resolve();
    if (roundTrips.length < 2 ** 20) roundTrips.push((time - sent) * 1000);
    echoes++;
    if (echoes === count) last = time;
    fill();
  };
  fill();
  const timer = setInterval(() => {
    const time = performance.now();
    sentAt.forEach((sent, place) => {
      if (sent === 0 || time - sent < patience) return;
      sentAt[place] = 0;
      flying--;
      lost++;
    });
    if (time >= end) done.resolve();
    else fill();
  }, patience / 2);
  await done.promise;
  clearInterval(timer);
  await sending;
  take = () => {};
  roundTrips.sort((a, b) => a - b);
  const [p50 = 0, p99 = 0] = [0.5, 0.99].map((share) => roundTrips[Math.floor(roundTrips.length * share)] ?? 0);
  return { echoes, lost, seconds: (last - begin) / 1000, p50, p99 };
}

async function runPace(rate: number, seconds: number): Promise<Record<string, number>> {
  const begin = performance.now();
  const count = Math.floor(rate * seconds);
  let due = begin;
  for (let i = 0; i < count; i++, due += 1000 / rate) {
    let time = performance.now();
    while (time < due) time = performance.now();
    if (time - due > 1) due = time;
    await sendNext();
  }
  return { sent: count, seconds: (performance.now() - begin) / 1000 };
}

receiveAll();
let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const [name, ...words] = line.split(" ");
    const numbers = words.slice(0, name === "loop" ? 5 : 4).map(Number);
    payload = await Deno.readFile(words.slice(numbers.length).join(" "));
    offset = numbers.at(-1) ?? 0;
    target = { ...target, port: numbers[0] ?? 0 };
    const [, first = 0, seconds = 0, third = 0] = numbers;
    console.log(JSON.stringify(name === "loop" ? await runLoop(first, seconds, third) : await runPace(first, seconds)));
  }
}
Deno.exit(0);
