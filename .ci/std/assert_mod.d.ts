// The part of @std/assert that this project uses, for machines where JSR cannot be reached (see ../prepare.ts).

/** What a failed assertion throws. */
export declare class AssertionError extends Error {}

type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** `expression` is truthy. */
export declare function assert(expression: unknown, message?: string): asserts expression;
/** `expression` is falsy. */
export declare function assertFalse(expression: unknown, message?: string): asserts expression is false;
/** Both are deeply equal. */
export declare function assertEquals<T>(actual: T, expected: T, message?: string): void;
/** Both are not deeply equal. */
export declare function assertNotEquals<T>(actual: T, expected: T, message?: string): void;
/** Both are the same value. */
export declare function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T;
/** Both are the same but for a tolerance. */
export declare function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void;
/** `actual` is neither null nor undefined. */
export declare function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T>;
/** `actual >= expected`. */
export declare function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void;
/** `actual > expected`. */
export declare function assertGreater<T>(actual: T, expected: T, message?: string): void;
/** `actual <= expected`. */
export declare function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void;
/** `actual < expected`. */
export declare function assertLess<T>(actual: T, expected: T, message?: string): void;
/** `actual` is made by `expectedType`. */
export declare function assertInstanceOf<T extends abstract new (...args: never[]) => unknown>(
  actual: unknown,
  expectedType: T,
  message?: string,
): asserts actual is InstanceType<T>;
/** `actual` matches `expected`. */
export declare function assertMatch(actual: string, expected: RegExp, message?: string): void;
/** `actual` does not match `expected`. */
export declare function assertNotMatch(actual: string, expected: RegExp, message?: string): void;
/** `actual` has what `expected` has. */
export declare function assertObjectMatch(
  actual: Record<PropertyKey, unknown>,
  expected: Record<PropertyKey, unknown>,
  message?: string,
): void;
/** `actual` contains `expected`. */
export declare function assertStringIncludes(actual: string, expected: string, message?: string): void;
/** `fn` throws; what it throws. */
export declare function assertThrows(fn: () => unknown, message?: string): unknown;
/** `fn` throws an error of this class; the error. */
export declare function assertThrows<E extends Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E;
/** `fn` rejects; what it rejects with. */
export declare function assertRejects(fn: () => PromiseLike<unknown>, message?: string): Promise<unknown>;
/** `fn` rejects with an error of this class; the error. */
export declare function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E>;
/** Fails. */
export declare function fail(message?: string): never;
