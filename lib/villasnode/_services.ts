/**
 * Finds the port of a service by its name, which VILLASnode's addresses take in the place of a number.
 *
 * @module
 */

/** The system's names of services. */
const servicesFile = "/etc/services";

/**
 * Finds the UDP port of a service. VILLASnode asks getaddrinfo(3), which looks into the same file.
 *
 * @param service Name of the service, such as `"syslog"`, or one of its aliases
 * @param path File to look into
 * @throws {TypeError} If there is no such file, or no such service over UDP in it
 *
 * @see services(5)
 */
export function findUdpPort(service: string, path: string = servicesFile): number {
  for (const line of readLines(service, path)) {
    const [name = "", port = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const [, number] = /^(\d+)\/udp$/.exec(port) ?? [];
    if (number !== undefined && [name, ...aliases].includes(service)) return Number(number);
  }
  throw new TypeError(`Cannot find the port of "${service}": ${path} has no service of this name over UDP`);
}

function readLines(service: string, path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) throw error;
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : `--allow-read=${path} is missing`;
    throw new TypeError(`Cannot look up the port of "${service}" in ${path}: ${reason}; give a number`, {
      cause: error,
    });
  }
}
