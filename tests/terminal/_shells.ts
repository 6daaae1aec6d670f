/**
 * Completes command lines in real shells, through what each shell does when a person asks it to complete.
 *
 * @module
 */

/** A shell that completes command lines. */
export interface Shell {
  /** Its name, and what the command `completions` calls it. */
  readonly name: string;
  /**
   * Completes command lines.
   *
   * @param script What the shell has to read to complete them
   * @param lines The command lines, each up to the cursor
   * @param folder The folder to be in
   * @returns For each line, the words that could stand in the place of the last one
   */
  complete(script: string, lines: readonly string[], folder: string): Promise<string[][]>;
}

/** What stands in for the executable: it shows the words that it is given. */
const showWords = `villas-client() { printf 'GOT'; printf '<%s>' "$@"; printf '\\n'; }`;

/** On a terminal, with all completions put into the line (M-*), and the line run. */
const bash: Shell = {
  name: "bash",
  complete(script, lines, folder) {
    const startup = `PS1=''\nbind 'set enable-bracketed-paste off'\n${showWords}\n${script}`;
    return withFile(startup, (file) => {
      return completeOnTerminal(`bash --noprofile --rcfile ${file} -i`, "\x1b*", lines, folder);
    });
  },
};

/** As bash, with a key that puts all completions into the line. */
const zsh: Shell = {
  name: "zsh",
  complete(script, lines, folder) {
    const startup = `
      unsetopt global_rcs
      autoload -Uz compinit && compinit -u -D
      zle -C all-matches complete-word _generic
      bindkey '^Xa' all-matches
      zstyle ':completion:all-matches:*' completer _all_matches _complete
      zstyle ':completion:all-matches:*' insert true
      PS1=''
      ${showWords}
      ${script}`;
    return withFile(startup, (file) => {
      return completeOnTerminal(`zsh -f -i -o no_global_rcs`, "\x18a", lines, folder, `source ${file}`);
    });
  },
};

/** Fish says itself what it would offer. */
const fish: Shell = {
  name: "fish",
  complete(script, lines, folder) {
    return withFile(script, async (file) => {
      const ask = "source $argv[1]; for line in $argv[2..]; complete -C $line; echo; end";
      const text = await run("fish", ["--no-config", "-c", ask, file, ...lines], "", folder);
      return text.trimEnd().split("\n\n").map((answer) =>
        answer.split("\n").filter((line) => line !== "").map((line) => line.replace(/\t.*/, "")).sort()
      );
    });
  },
};

async function completeOnTerminal(
  shell: string,
  completeKey: string,
  lines: readonly string[],
  folder: string,
  first = "true",
): Promise<string[][]> {
  const typed = [first, ...lines.map((line) => `${line}${completeKey}`), "exit"].join("\n") + "\n";
  const text = await run("script", ["-qec", shell, "/dev/null"], typed, folder);
  const answers = [...text.matchAll(/^GOT(.*>)\r?$/gm)].map(([, words = ""]) => words.slice(1, -1).split("><"));
  if (answers.length !== lines.length) throw new Error(`Expected ${lines.length} answers of ${shell}: ${text}`);
  // Before the last word, the line is what it was.
  return answers.map((words, i) => words.slice((lines[i] ?? "").split(" ").length - 2).sort());
}

/** Runs a program with little more than what was typed; its output. */
async function run(command: string, args: string[], typed: string, folder: string): Promise<string> {
  const child = new Deno.Command(command, {
    args,
    cwd: folder,
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", HOME: folder, TERM: "dumb", LC_ALL: "C.UTF-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  // A shell that waits for more is not waited for.
  const deadline = setTimeout(() => child.kill("SIGKILL"), 30_000);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(typed));
  await writer.close();
  const { stdout } = await child.output();
  clearTimeout(deadline);
  return new TextDecoder().decode(stdout);
}

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const file = await Deno.makeTempFile({ prefix: "villas-completions-" });
  try {
    await Deno.writeTextFile(file, text);
    return await use(file);
  } finally {
    await Deno.remove(file);
  }
}

/** The shells that are tested. */
export const shells: readonly Shell[] = [bash, zsh, fish];

/** Whether a program is installed; if not, a line on the console says so. */
export async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdin: "null", stdout: "null", stderr: "null" }).output();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.warn(`SKIPPED: no ${program} (Debian: apt-get install ${program})`);
    return false;
  }
}
