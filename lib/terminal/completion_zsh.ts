/**
 * Completions for zsh.
 *
 * @module
 */

import {
  addressBeginnings,
  type Candidates,
  type CompletableCommand,
  type CompletableOption,
  generalOptions,
  quote,
} from "./completion.ts";

/**
 * The script that completes command lines in zsh.
 *
 * @param commands All commands
 * @returns What zsh has to read, as with `source <(villas-client completions zsh)` behind `compinit`, or from a file
 * `_villas-client` in a folder of `$fpath`
 */
export function zshCompletions(commands: readonly CompletableCommand[]): string {
  return `#compdef villas-client
# Completes the command lines of villas-client in zsh: source <(villas-client completions zsh)

_villas-client_address() {
  if compset -P unix:; then
    _files
  else
    compadd -S '' -- ${addressBeginnings.map(quote).join(" ")}
  fi
}

_villas-client() {
  local command=$words[2]
  local -a commands options
  if ((CURRENT == 2)); then
    commands=(
${commands.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`).join("\n")}
    )
    options=(${Object.entries(generalOptions).map(([name, what]) => quote(`${name}:${what}`)).join(" ")})
    _describe -t commands command commands
    [[ $PREFIX == -* ]] && _describe -o -t options option options
    return
  fi
  shift words
  ((CURRENT--))
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}

if [[ $funcstack[1] == _villas-client ]]; then
  _villas-client "$@"
else
  compdef _villas-client villas-client
fi
`;
}

function commandCase({ name, options, operands }: CompletableCommand): string {
  const specifications = [
    ...options.flatMap(specifyOption),
    ...operands === "none" ? [] : [`*:operand:${action(operands)}`],
  ];
  if (specifications.length === 0) return `    ${name}) _message 'nothing more' ;;`;
  return `    ${name})\n      _arguments -s -S : \\\n${
    specifications.map((specification) => `        ${quote(specification)}`).join(" \\\n")
  }\n      ;;`;
}

/** An option as `_arguments` describes it, once for each of its names. */
function specifyOption({ name, short, summary, takes, value, candidates }: CompletableOption): string[] {
  const names = [short === undefined ? [] : `-${short}`, `--${name}`].flat();
  const excluded = `(${names.join(" ")})`;
  const explanation = `[${summary.replace(/[[\]\\]/g, "\\$&")}]`;
  const argument = takes === "nothing" ? "" : `:${value.replaceAll(":", "\\:")}:${action(candidates)}`;
  return names.map((name) => {
    // Behind a name: "+" lets the value follow in the same word or the next, "=" also behind "=", "=-" only behind "=".
    const place = takes === "nothing" ? "" : takes === "optional" ? "=-" : name.startsWith("--") ? "=" : "+";
    return `${excluded}${name}${place}${explanation}${takes === "optional" ? ":" : ""}${argument}`;
  });
}

function action(candidates: Candidates): string {
  if (candidates === "file") return "_files";
  if (candidates === "address") return "_villas-client_address";
  return candidates === "none" ? " " : `(${candidates.join(" ")})`;
}
