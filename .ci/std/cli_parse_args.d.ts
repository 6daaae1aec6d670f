// The part of @std/cli/parse-args that this project uses, for machines where JSR cannot be reached (see ../prepare.ts).

/** How to read the arguments. */
export interface ParseOptions {
  /** Whether what follows `--` goes to the property `--` of the result. */
  "--"?: boolean;
  /** Other names of an option. */
  alias?: Record<string, string | readonly string[]>;
  /** Options that take no value. */
  boolean?: boolean | string | readonly string[];
  /** Values of options that are not given. */
  default?: Record<string, unknown>;
  /** Whether the first argument that is no option ends the options. */
  stopEarly?: boolean;
  /** Options whose value stays a string. */
  string?: string | readonly string[];
  /** Options that may be given several times. */
  collect?: string | readonly string[];
  /** Options that `--no-NAME` switches off. */
  negatable?: string | readonly string[];
  /** Called with each option that is not known. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** Reads command-line arguments. */
export declare function parseArgs(
  args: readonly string[],
  options?: ParseOptions,
): { _: (string | number)[]; [name: string]: unknown };
