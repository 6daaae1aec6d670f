/**
 * Compares the reader of decimal texts with `Number` on as many as one likes: `deno task check-decimal [COUNT] [SEED]`. The
 * status is 1 where they differ in a bit.
 *
 * @module
 */

import { seededRandom } from "./_random.ts";
import { randomDecimal } from "./formats/_decimals.ts";
import { DecimalReader } from "../lib/formats/text/decimal.ts";

const [count = 10_000_000, seed = 1] = Deno.args.map(Number);
const random = seededRandom(seed);
const reader = new DecimalReader();
const bytes = new Uint8Array(4096);
const encoder = new TextEncoder();
let wrong = 0;
for (let i = 0; i < count; i++) {
  const text = randomDecimal(random);
  const { written } = encoder.encodeInto(text, bytes);
  const value = reader.read(bytes, 0, written);
  if (reader.end === written && Object.is(value, Number(text))) continue;
  if (++wrong <= 10) console.error(`${text}: read ${value} up to ${reader.end}, Number says ${Number(text)}`);
}
console.log(`${count} decimal texts of seed ${seed}: ${wrong} are read unlike Number reads them`);
if (wrong > 0) Deno.exit(1);
