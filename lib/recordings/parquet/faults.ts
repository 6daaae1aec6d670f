/**
 * Faults of Parquet files.
 *
 * @module
 */

import { DecodeError } from "../../formats/errors.ts";

/**
 * Creates the error of a file that cannot be read.
 *
 * @param reason What is wrong with it
 * @param offset Where, in bytes from its beginning
 * @param cause The error behind it
 */
export function fault(reason: string, offset: number, cause?: unknown): DecodeError {
  return new DecodeError("parquet", reason, { offset }, { source: "file", cause });
}
