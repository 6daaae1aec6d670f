/**
 * Reads JSON as VILLASnode's JSON library does: an integer is not a real, which `JSON.parse` cannot tell apart.
 *
 * A number is a real if it has a fraction or an exponent, else an integer of 64 bits; either out of range ends the
 * reading, as does text behind the value (Jansson, "Conformance" in its documentation).
 *
 * @module
 */

import { Unreadable } from "./_reading.ts";

/** A value of JSON: a bigint is an integer, a number a real. */
export type Json = null | boolean | bigint | number | string | Json[] | JsonObject;

/** An object of JSON. */
export type JsonObject = Map<string, Json>;

const deepest = 2048;

/**
 * Reads one value, and nothing behind it but whitespace.
 *
 * @param bytes UTF-8
 * @param fault Is told the keys that an object has twice, of which only the last one counts
 */
export function parseJson(bytes: Uint8Array, fault: (reason: string) => void): Json {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unreadable("JSON is not UTF-8");
  }
  const parser = new JsonParser(text, fault);
  return parser.parse();
}

class JsonParser {
  readonly #text: string;
  readonly #fault: (reason: string) => void;
  #position = 0;

  constructor(text: string, fault: (reason: string) => void) {
    this.#text = text;
    this.#fault = fault;
  }

  parse(): Json {
    const value = this.#value(0);
    this.#skip();
    if (this.#position < this.#text.length) this.#fail("something stands behind the value");
    return value;
  }

  #value(depth: number): Json {
    if (depth > deepest) this.#fail("it is nested too deep");
    this.#skip();
    const first = this.#text[this.#position];
    if (first === "[") return this.#array(depth);
    if (first === "{") return this.#object(depth);
    if (first === '"') return this.#string();
    const [word] = this.#match(/[a-z]+/y) ?? [];
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    if (word !== undefined) this.#fail(`there is no word "${word}" in JSON`);
    return this.#number();
  }

  #array(depth: number): Json[] {
    const list: Json[] = [];
    this.#position++;
    if (this.#takes("]")) return list;
    do list.push(this.#value(depth + 1)); while (this.#takes(","));
    if (!this.#takes("]")) this.#fail("an array is not closed");
    return list;
  }

  #object(depth: number): JsonObject {
    const object: JsonObject = new Map();
    this.#position++;
    if (this.#takes("}")) return object;
    do {
      this.#skip();
      if (this.#text[this.#position] !== '"') this.#fail("a key is expected");
      const key = this.#string();
      if (object.has(key)) this.#fault(`the key "${key}" comes twice`);
      if (!this.#takes(":")) this.#fail("a colon is expected");
      object.set(key, this.#value(depth + 1));
    } while (this.#takes(","));
    if (!this.#takes("}")) this.#fail("an object is not closed");
    return object;
  }

  #string(): string {
    // deno-lint-ignore no-control-regex
    const [literal] = this.#match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y) ??
      this.#fail("a string is not one");
    const string = JSON.parse(literal) as string;
    if (string.includes("\0")) this.#fail("a string has a NUL");
    if (!string.isWellFormed()) this.#fail("a string has half a surrogate pair");
    return string;
  }

  #number(): bigint | number {
    const [literal, fraction, exponent] = this.#match(/-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y) ??
      this.#fail("a value is expected");
    if (fraction === undefined && exponent === undefined) {
      const integer = BigInt(literal);
      return BigInt.asIntN(64, integer) === integer ? integer : this.#fail(`the integer ${literal} is too large`);
    }
    const real = Number(literal);
    return Number.isFinite(real) ? real : this.#fail(`the real ${literal} is too large`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match !== null) this.#position = pattern.lastIndex;
    return match;
  }

  #takes(character: string): boolean {
    this.#skip();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #skip(): void {
    this.#match(/[ \t\r\n]*/y);
  }

  #fail(reason: string): never {
    throw new Unreadable(`JSON cannot be read at character ${this.#position}: ${reason}`);
  }
}
