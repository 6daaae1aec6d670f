/**
 * Completions for bash.
 *
 * @module
 */

import { type Candidates, type CompletableCommand, type CompletionTable, generalOptions, quote } from "./completion.ts";

/**
 * Writes the script that completes command lines in bash; it needs nothing but bash.
 *
 * @param table Everything that can be completed
 * @returns The script; bash reads it as with `source <(villas-client completions bash)`
 */
export function bashCompletions({ commands, prefixes, pathPrefixes }: CompletionTable): string {
  const names = commands.map(({ name }) => name);
  return `# Completes the command lines of villas-client in bash: source <(villas-client completions bash)

# Sets the candidates for the value of an option ($2) of a command ($1).
_villas_client_value() {
  is_bound= kind=none choices=
  case "$1 $2" in
${commands.flatMap(valueCases).join("\n")}
    *) return 1 ;;
  esac
}

# Sets the options ($options) of a command ($1), and the candidates for its operands.
_villas_client_command() {
  options= kind=none choices=
  case $1 in
${commands.map(commandCase).join("\n")}
  esac
}

# Offers paths that begin with $1, each after $2.
_villas_client_files() {
  compopt -o filenames 2>/dev/null
  while IFS= read -r candidate; do
    COMPREPLY+=("$2$candidate")
  done < <(compgen -f -- "$1")
}

_villas_client() {
  local line=\${COMP_LINE:0:COMP_POINT} current word lead= prefix i
  local candidate kind choices options is_bound
  local -a words
  COMPREPLY=()
  # Bash splits words at : and = as well; here they stay whole. A quoted word is taken as bash has it.
  read -a words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]} - 1]}
  if [[ \${COMP_WORDS[COMP_CWORD]} == [\\"\\']* ]]; then
    words=("\${COMP_WORDS[@]:0:COMP_CWORD}" "")
    current=\${COMP_WORDS[COMP_CWORD]#?}
    if [[ \${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
      words=("\${COMP_WORDS[@]:0:COMP_CWORD - 2}" "")
      current=\${COMP_WORDS[COMP_CWORD - 2]}=$current
    fi
  fi
  if ((\${#words[@]} <= 2)); then
    kind=words choices=${quote(names.join(" "))}
    [[ $current == -* ]] && choices=${quote(Object.keys(generalOptions).join(" "))}
  else
    local command=\${words[1]} previous=\${words[\${#words[@]} - 2]}
    if [[ $current == --*=* ]] && _villas_client_value "$command" "\${current%%=*}"; then
      lead=\${current%%=*}=
    elif ! { _villas_client_value "$command" "$previous" && [[ $is_bound ]]; }; then
      _villas_client_command "$command"
      [[ $current == -* ]] && kind=words choices=$options
    fi
  fi
  local value=\${current#"$lead"}
  case $kind in
    file) _villas_client_files "$value" "$lead" ;;
    prefix)
      for prefix in ${pathPrefixes.map(quote).join(" ")}; do
        [[ $value == "$prefix"* ]] && _villas_client_files "\${value#"$prefix"}" "$lead$prefix"
      done
      if [[ \${#COMPREPLY[@]} == 0 ]]; then
        compopt -o nospace 2>/dev/null
        COMPREPLY=($(compgen -P "$lead" -W ${quote(prefixes.join(" "))} -- "$value"))
      fi
      ;;
    words) COMPREPLY=($(compgen -P "$lead" -W "$choices" -- "$value")) ;;
  esac
  # Bash replaces only the part after the last of the characters that it splits words at.
  word=$current
  [[ $COMP_WORDBREAKS == *=* ]] && word=\${word##*=}
  [[ $COMP_WORDBREAKS == *:* ]] && word=\${word##*:}
  for i in "\${!COMPREPLY[@]}"; do
    COMPREPLY[i]=\${COMPREPLY[i]:\${#current} - \${#word}}
  done
}

complete -F _villas_client villas-client
`;
}

function valueCases({ name: command, options }: CompletableCommand): string[] {
  return options.filter(({ takes }) => takes !== "nothing").map(({ name, short, takes, candidates }) => {
    const names = [`--${name}`, short === undefined ? [] : `-${short}`].flat();
    const bound = takes === "value" ? "is_bound=1 " : "";
    return `    ${names.map((name) => quote(`${command} ${name}`)).join(" | ")}) ${bound}${assign(candidates)} ;;`;
  });
}

function commandCase({ name, options, operands }: CompletableCommand): string {
  const names = options.flatMap(({ name, short }) => [`--${name}`, short === undefined ? [] : `-${short}`].flat());
  return `    ${name}) options=${quote(names.join(" "))} ${assign(operands)} ;;`;
}

function assign(candidates: Candidates): string {
  return typeof candidates === "string" ? `kind=${candidates}` : `kind=words choices=${quote(candidates.join(" "))}`;
}
