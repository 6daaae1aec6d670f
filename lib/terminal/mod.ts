/**
 * The command-line framework: options, parsing, help, completions, the manual page, log, progress and style. It knows no
 * VILLASnode; what a command does belongs to the commands.
 *
 * @module
 */

export {};
