/**
 * The language of conditions: comparisons of signals with numbers, joined by `and`, `or` and `not`.
 *
 * @module
 */

/** An operator between a signal and a number. */
export type Comparison = ">" | ">=" | "<" | "<=" | "==" | "!=";

/** A condition, as it was written. */
export type Expression =
  | { readonly kind: "and" | "or"; readonly parts: readonly Expression[] }
  | { readonly kind: "not"; readonly part: Expression }
  | {
    readonly kind: "comparison";
    readonly signal: string;
    readonly operator: Comparison;
    readonly number: number;
    readonly hysteresis: number;
  }
  /** A boolean that is true, or any signal that has another value than before. */
  | { readonly kind: "true" | "changes"; readonly signal: string }
  /** A mark of a sample, or missing samples before it. */
  | { readonly kind: "new_frame" | "new_simulation" | "gap" };

/** A part of the text. */
interface Token {
  readonly kind: "word" | "name" | "number" | "symbol" | "end";
  readonly text: string;
  readonly position: number;
}

const marks = ["new_frame", "new_simulation", "gap"] as const;
const reserved: readonly string[] = ["and", "or", "not", "changes", "hysteresis", "true", "false", ...marks];

/** Nesting beyond this is no condition that anybody has written. */
const maximumDepth = 100;

/** Longest condition, in characters. */
const maximumLength = 10_000;

const pattern =
  /\s*(?:(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.]))|(?<word>[\p{L}_][\p{L}\p{N}_.-]*)|"(?<name>[^"]+)"|(?<symbol>[<>=!]=|[<>()]))/uy;

/**
 * Parses a condition.
 *
 * | part | holds |
 * |---|---|
 * | `va > 300`, `>=`, `<`, `<=`, `==`, `!=` | while the signal compares to the number; a complex one by its magnitude, a boolean as 0 or 1 |
 * | `va > 300 hysteresis 5` | until the signal is at 295 or below |
 * | `breaker` | while the boolean is true, or the number is not 0 |
 * | `breaker changes` | at a sample in which the signal has another value than in the one before |
 * | `new_frame`, `new_simulation` | at a sample that begins one |
 * | `gap` | at a sample before which others are missing, by the sequence numbers |
 * | `not`, `and`, `or`, parentheses | as usual, in this order of precedence |
 *
 * A signal is named as in the list of signals, in quotes if it has other characters than letters, digits, `_`, `.` and `-` or
 * is one of these words; `signal0`, `signal1`, ... stand for values by their index.
 *
 * @param text The condition
 * @returns Its parts
 * @throws {SyntaxError} If it is not one, with the position
 */
export function parseExpression(text: string): Expression {
  if (text.length > maximumLength) throw new SyntaxError(`expected a condition of at most ${maximumLength} characters`);
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  #token: Token;
  #end = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#read();
  }

  parse(): Expression {
    const expression = this.#readOr();
    if (this.#token.kind !== "end") this.#fail("and, or, or the end");
    return expression;
  }

  #readOr(): Expression {
    if (++this.#depth > maximumDepth) {
      throw new SyntaxError(`expected a condition with less nesting than ${maximumDepth}`);
    }
    const parts = this.#readList("or", () => this.#readList("and", () => this.#readPart()));
    this.#depth--;
    return parts;
  }

  #readList(word: "and" | "or", read: () => Expression): Expression {
    const first = read();
    const parts = [first];
    while (this.#takes(word)) parts.push(read());
    return parts.length === 1 ? first : { kind: word, parts };
  }

  #readPart(): Expression {
    let negations = 0;
    while (this.#takes("not")) negations++;
    const part = this.#readPrimary();
    return negations % 2 === 1 ? { kind: "not", part } : part;
  }

  #readPrimary(): Expression {
    if (this.#takes("(")) {
      const expression = this.#readOr();
      if (!this.#takes(")")) this.#fail('")"');
      return expression;
    }
    const { kind, text } = this.#token;
    const mark = marks.find((mark) => kind === "word" && mark === text);
    if (mark !== undefined) {
      this.#next();
      return { kind: mark };
    }
    if (kind !== "name" && (kind !== "word" || reserved.includes(text))) this.#fail("a signal");
    this.#next();
    if (this.#takes("changes")) return { kind: "changes", signal: text };
    const operator = this.#token;
    if (operator.kind !== "symbol" || !/[<>=]/.test(operator.text)) return { kind: "true", signal: text };
    this.#next();
    const number = this.#readNumber();
    const isOrder = /[<>]/.test(operator.text);
    const hysteresis = isOrder && this.#takes("hysteresis") ? this.#readNumber() : 0;
    if (!(hysteresis >= 0)) throw new SyntaxError("expected a hysteresis of 0 or more");
    return { kind: "comparison", signal: text, operator: operator.text as Comparison, number, hysteresis };
  }

  #readNumber(): number {
    const { kind, text } = this.#token;
    if (kind === "word" && (text === "true" || text === "false")) {
      this.#next();
      return text === "true" ? 1 : 0;
    }
    const number = kind === "number" ? Number(text) : NaN;
    if (!Number.isFinite(number)) this.#fail("a number");
    this.#next();
    return number;
  }

  /** Takes a word or a symbol, if it comes next. */
  #takes(text: string): boolean {
    const { kind } = this.#token;
    if (this.#token.text !== text || kind !== "word" && kind !== "symbol") return false;
    this.#next();
    return true;
  }

  #next(): void {
    this.#token = this.#read();
  }

  #read(): Token {
    const start = this.#end + (/^\s*/.exec(this.#text.slice(this.#end))?.[0].length ?? 0);
    if (start >= this.#text.length) return { kind: "end", text: "", position: start };
    pattern.lastIndex = start;
    const groups = pattern.exec(this.#text)?.groups;
    if (groups === undefined) {
      throw new SyntaxError(`expected a condition, got "${this.#text.slice(start, start + 20)}"`);
    }
    this.#end = pattern.lastIndex;
    for (const kind of ["number", "word", "name", "symbol"] as const) {
      const text = groups[kind];
      if (text !== undefined) return { kind, text, position: start };
    }
    return { kind: "end", text: "", position: start };
  }

  #fail(expected: string): never {
    const { kind, position } = this.#token;
    const found = kind === "end" ? "the end" : `"${this.#text.slice(position, position + 20)}"`;
    throw new SyntaxError(`expected ${expected} at character ${position + 1}, got ${found}`);
  }
}
