/**
 * Completions for zsh.
 *
 * @module
 */

import {
  type Candidates,
  type CompletableCommand,
  type CompletableOption,
  type CompletionTable,
  generalOptions,
  quote,
} from "./completion.ts";

/**
 * Writes the script that completes command lines in zsh.
 *
 * @param table Everything that can be completed
 * @returns The script; zsh reads it as with `source <(villas-client completions zsh)` after `compinit`, or from a file
 * `_villas-client` in a folder of `$fpath`
 */
export function zshCompletions({ commands, prefixes, pathPrefixes }: CompletionTable): string {
  return `#compdef villas-client
# Completes the command lines of villas-client in zsh: source <(villas-client completions zsh)

_villas-client_prefix() {
  local prefix
  for prefix in ${pathPrefixes.map(quote).join(" ")}; do
    if compset -P $prefix; then
      _files
      return
    fi
  done
  compadd -S '' -- ${prefixes.map(quote).join(" ")}
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
  if (specifications.length === 0) return `    ${name}) _message 'no arguments' ;;`;
  return `    ${name})\n      _arguments -s -S : \\\n${
    specifications.map((specification) => `        ${quote(specification)}`).join(" \\\n")
  }\n      ;;`;
}

/** Describes an option to `_arguments`, once for each of its names. */
function specifyOption({ name, short, summary, takes, value, candidates }: CompletableOption): string[] {
  const names = [short === undefined ? [] : `-${short}`, `--${name}`].flat();
  const excluded = `(${names.join(" ")})`;
  const explanation = `[${summary.replace(/[[\]\\]/g, "\\$&")}]`;
  const argument = takes === "nothing" ? "" : `:${value.replaceAll(":", "\\:")}:${action(candidates)}`;
  return names.map((name) => {
    // After a name: "+" lets the value follow in the same word or the next, "=" also after "=", "=-" only after "=".
    const place = takes === "nothing" ? "" : takes === "optional" ? "=-" : name.startsWith("--") ? "=" : "+";
    return `${excluded}${name}${place}${explanation}${takes === "optional" ? ":" : ""}${argument}`;
  });
}

function action(candidates: Candidates): string {
  if (candidates === "file") return "_files";
  if (candidates === "prefix") return "_villas-client_prefix";
  return candidates === "none" ? " " : `(${candidates.join(" ")})`;
}
