/**
 * Floats as text, digit for digit as C's `printf` writes them in VILLASnode.
 *
 * JavaScript's `toFixed`, `toPrecision` and `toExponential` are exact too, but for a float exactly halfway between two
 * texts they choose the larger one, and C the one that ends with an even digit.
 *
 * @module
 */

/** The smallest number that `toFixed` writes in exponential notation. */
const toFixedLimit = 1e21;

/**
 * Writes a float with a fixed number of decimals, as C's `%.*f`.
 *
 * @param value Any float; those that are not finite become `nan`, `inf` and `-inf`
 * @param decimals 0 to 31
 * @returns The text
 */
export function fixedText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? `-${(0).toFixed(decimals)}` : value.toFixed(decimals);
  const magnitude = Math.abs(value);
  const text = magnitude < toFixedLimit
    ? roundToEven(magnitude.toFixed(decimals), magnitude, decimals)
    : `${BigInt(magnitude)}${decimals > 0 ? `.${"0".repeat(decimals)}` : ""}`;
  return value < 0 ? `-${text}` : text;
}

/**
 * Writes a float with its sign, six decimals and an exponent of at least two digits, as C's `%+e`.
 *
 * @param value Any float
 * @returns The text
 */
export function exponentialText(value: number): string {
  const sign = value < 0 || Object.is(value, -0) ? "-" : "+";
  if (!Number.isFinite(value)) return `${sign}${Number.isNaN(value) ? "nan" : "inf"}`;
  const { digits, exponent } = exponential(Math.abs(value), 7);
  const magnitude = String(Math.abs(exponent)).padStart(2, "0");
  return `${sign}${digits}e${exponent < 0 ? "-" : "+"}${magnitude}`;
}

/** Floats below may be written as JavaScript writes them: see `jsonText`. */
const shortLimit = 1e5;

/**
 * Writes a float as the library `jansson` does for VILLASnode: `%.*g`, with `.0` if it would look like an integer, and
 * without a plus sign and leading zeros in the exponent.
 *
 * @param value A finite float
 * @param precision Significant digits; 0 means 17, as in jansson
 * @returns The text
 */
export function jsonText(value: number, precision: number): string {
  if (precision === 0) precision = 17;
  // A multiple of 1/1024 below 100,000 has at most 15 digits. No other text as short means the same float, so the
  // shortest text, which JavaScript writes, is the exact one. It has no exponent, because 1/1024 is above 1e-6.
  if (precision >= 15 && Math.abs(value) < shortLimit && Number.isInteger(value * 1024)) {
    if (!Number.isInteger(value)) return String(value);
    return Object.is(value, -0) ? "-0.0" : `${value}.0`;
  }
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return sign + generalText(magnitude, precision);
}

/** Writes a float as C's `%.*g`, with jansson's changes. */
function generalText(magnitude: number, precision: number): string {
  if (magnitude >= 1e-4 || magnitude === 0) {
    const text = magnitude.toPrecision(precision);
    if (!text.includes("e")) {
      const point = text.indexOf(".");
      if (point < 0) return `${roundToEven(text, magnitude, 0)}.0`;
      return withoutZeros(roundToEven(text, magnitude, text.length - point - 1));
    }
  }
  const { digits, exponent } = exponential(magnitude, precision);
  // A float below 1e-4 may have been rounded up to it, which %g writes without an exponent.
  if (exponent === -4) return withoutZeros(magnitude.toPrecision(precision));
  let end = digits.length;
  while (digits.endsWith("0", end) && end > 1) end--;
  if (digits.endsWith(".", end)) end--;
  return `${digits.slice(0, end)}e${exponent}`;
}

/** Removes the zeros at the end of a text with a point, except one directly behind the point. */
function withoutZeros(text: string): string {
  if (!text.endsWith("0")) return text;
  let end = text.length;
  while (text.endsWith("0", end)) end--;
  return text.endsWith(".", end) ? text.slice(0, end + 1) : text.slice(0, end);
}

/** Returns exponential notation with a number of significant digits, ties to even. */
function exponential(magnitude: number, precision: number): { digits: string; exponent: number } {
  const [digits = "", power = ""] = magnitude.toExponential(precision - 1).split("e");
  const exponent = Number(power);
  return { digits: roundToEven(digits, magnitude, precision - 1 - exponent), exponent };
}

/**
 * Corrects a text that JavaScript rounded up from a tie.
 *
 * @param text Digits, the last of which was rounded
 * @param magnitude The float that was rounded, above 0
 * @param decimals Number of decimals in the text; negative if it ends before the point
 */
function roundToEven(text: string, magnitude: number, decimals: number): string {
  if (!isTie(magnitude, decimals)) return text;
  const last = text.charCodeAt(text.length - 1);
  // An odd digit was rounded up from the even one below it, so there is nothing to borrow.
  return last % 2 === 0 ? text : text.slice(0, -1) + String.fromCharCode(last - 1);
}

/** Tells whether a float is exactly halfway between two neighbouring numbers of so many decimals. */
function isTie(magnitude: number, decimals: number): boolean {
  if (decimals >= 0) {
    // The middle is an odd multiple of 10^-decimals / 2, and thereby, 5 being odd, an odd multiple of 2^-(decimals +
    // 1). The product is exact; floats above 2^53 are even, so it can be infinite only if the float is not a tie.
    return magnitude * 2 ** (decimals + 1) % 2 === 1;
  }
  const step = 10n ** BigInt(-decimals);
  return Number.isInteger(magnitude) && BigInt(magnitude) % step * 2n === step;
}
