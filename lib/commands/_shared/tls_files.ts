/**
 * Files of certificates and keys that options name.
 *
 * @module
 */

import { InputError } from "../../system/input_error.ts";
import { readWholeText } from "../../system/open.ts";
import type { ConnectionOptions } from "../../transports/link/options.ts";

/** Options and settings that name files. */
export type TlsOption = keyof typeof names;

/** A file in PEM form. */
export interface TlsFile {
  /** The option or the setting that names it, for messages. */
  readonly label: string;
  /** The option that stands for what it has. */
  readonly option: TlsOption;
  readonly path: string;
}

/** The options of the transport that take the texts of the files. */
const names = { "tls-ca": "tlsCa", "tls-cert": "tlsCert", "tls-key": "tlsKey" } as const;

/**
 * Reads the files.
 *
 * @param files The files
 * @returns Options of the transport
 * @throws {InputError} If one of them does not have what its option is for
 * @throws {Error} If one cannot be read, with the path and the reason
 */
export async function readTlsFiles(
  files: readonly TlsFile[],
): Promise<Pick<ConnectionOptions, "tlsCa" | "tlsCert" | "tlsKey">> {
  const texts: Pick<ConnectionOptions, "tlsCa" | "tlsCert" | "tlsKey"> = {};
  for (const file of files) texts[names[file.option]] = await readPem(file);
  return texts;
}

/** Reads a file of certificates, or of a key. */
async function readPem({ path, label, option }: TlsFile): Promise<string> {
  const text = await readWholeText(path);
  const [mark, what] = option === "tls-key" ? [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "key"] : [
    /-----BEGIN CERTIFICATE-----/,
    "certificate",
  ];
  if (!mark.test(text)) throw new InputError(`Cannot use ${path} with ${label}: it has no ${what} in PEM form`);
  return text;
}
