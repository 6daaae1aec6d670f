/**
 * Opening a page in the browser of the user.
 *
 * @module
 */

/** Opens a page, by the program of each system. */
const openers: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  darwin: ["open"],
  windows: ["rundll32", "url.dll,FileProtocolHandler"],
};

/**
 * Opens a page in the browser that the user prefers.
 *
 * @param url Address of the page
 * @param os Name of the system; default: this one
 * @returns The reason why it cannot be opened; undefined where a program has taken the address
 */
export async function openInBrowser(url: string, os: string = Deno.build.os): Promise<string | undefined> {
  const [program, ...args] = openers[os] ?? ["xdg-open"];
  try {
    const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const { success, code } = await new Deno.Command(program, { args: [...args, url], ...streams }).output();
    return success ? undefined : `${program} has ended with status ${code}`;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? `there is no ${program}` : (error as Error).message;
  }
}
