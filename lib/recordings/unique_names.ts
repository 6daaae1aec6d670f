/**
 * Names of signals for files in which each name occurs once.
 *
 * @module
 */

/**
 * Makes names unique: `signal0`, `signal1`, ... where there is none, and `_2`, `_3`, ... behind one that occurs again.
 *
 * @param names The names; empty or undefined ones are missing
 * @param toValid Turns a name into one that the file can have; default: it stays as it is
 * @param maximumLength The most characters of a name
 * @returns As many names, each of them different from all others
 */
export function createUniqueNames(
  names: readonly (string | undefined)[],
  toValid: (name: string) => string = (name) => name,
  maximumLength = Infinity,
): string[] {
  const used = new Set<string>();
  // How often each name occurred, so that a file of equal names costs no more than one of different names.
  const counts = new Map<string, number>();
  return names.map((name, index) => {
    const wanted = toValid(name || `signal${index}`).slice(0, maximumLength);
    let count = counts.get(wanted) ?? 1;
    let unique = wanted;
    while (used.has(unique)) {
      const suffix = `_${++count}`;
      unique = `${wanted.slice(0, maximumLength - suffix.length)}${suffix}`;
    }
    counts.set(wanted, count);
    used.add(unique);
    return unique;
  });
}
