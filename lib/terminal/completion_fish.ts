/**
 * Completions for fish.
 *
 * @module
 */

import {
  type Candidates,
  type CompletableCommand,
  type CompletableOption,
  type CompletionTable,
  generalOptions,
} from "./completion.ts";

/**
 * Writes the script that completes command lines in fish.
 *
 * @param table Everything that can be completed
 * @returns The script; fish reads it as with `villas-client completions fish | source`, or from a file
 * `villas-client.fish` in `~/.config/fish/completions`
 */
export function fishCompletions({ commands, prefixes, pathPrefixes }: CompletionTable): string {
  return `# Completes the command lines of villas-client in fish: villas-client completions fish | source

# Tests whether the command line has this command; without one, whether it has none yet.
function __villas_client_has
    set -l words (commandline -opc)
    if set -q argv[1]
        test (count $words) -ge 2; and test $words[2] = $argv[1]
    else
        test (count $words) -eq 1
    end
end

function __villas_client_value
    commandline -ct | string replace -r '^--[^=]*=' ''
end

function __villas_client_prefixes
    set -l given (__villas_client_value)
    for prefix in ${pathPrefixes.map(quote).join(" ")}
        if string match -q -- "$prefix*" $given
            set -l rest (string sub -s (math 1 + (string length -- $prefix)) -- $given)
            printf "$prefix%s\\n" (__fish_complete_path $rest | string replace -r '\\t.*' '')
            return
        end
    end
    printf '%s\\n' ${prefixes.map(quote).join(" ")}
end

complete -c villas-client -f
${commands.map(({ name, summary }) => `${line()} -a ${name} -d ${quote(summary)}`).join("\n")}
${Object.entries(generalOptions).map(([name, what]) => `${line()} -l ${name.slice(2)} -d ${quote(what)}`).join("\n")}

${commands.map(describe).join("\n\n")}
`;
}

function describe({ name, options, operands }: CompletableCommand): string {
  return [
    ...options.map((option) => `${line(name)} ${optionFlags(option)}`),
    ...operands === "none" ? [] : [`${line(name)} ${valueFlags(operands)}`],
  ].join("\n");
}

function optionFlags({ name, short, summary, takes, candidates }: CompletableOption): string {
  const parts = [short === undefined ? [] : `-s ${short}`, `-l ${name}`, `-d ${quote(summary)}`].flat();
  if (takes === "value") parts.push("-x");
  if (takes !== "nothing" && candidates !== "none") parts.push(valueFlags(candidates));
  return parts.join(" ");
}

function valueFlags(candidates: Exclude<Candidates, "none">): string {
  if (candidates === "file") return "-k -a '(__fish_complete_path (__villas_client_value))'";
  return candidates === "prefix" ? "-a '(__villas_client_prefixes)'" : `-a ${quote(candidates.join(" "))}`;
}

/** Begins a line that completes the words of a command; without one, those that stand in its place. */
function line(command = ""): string {
  return `complete -c villas-client -n ${quote(`__villas_client_has ${command}`.trim())}`;
}

/** Puts a text into single quotes, as fish reads them. */
function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
