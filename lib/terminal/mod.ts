/**
 * The command-line framework: options, parsing, help, completions, the manual page, log, progress and style. It does not
 * know VILLASnode: addresses, formats and everything else that a command is about belong to the commands, whose option
 * tables bring their parsers and completions along.
 *
 * It serves the executable alone and is not an export of the package.
 *
 * @module
 */

export { type Command, type CommandEntry, exitStatus, type Program, type Session } from "./command.ts";
export { createLog, type Log, type LogLevel, logLevels, type ThrottledLog } from "./log.ts";
export { ChoiceError, type Completion, type Option, type Options, type Values } from "./option.ts";
export { parseCommandLine, type ParsedCommandLine, type ValueSources } from "./parse.ts";
