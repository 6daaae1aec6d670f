/**
 * Topics of MQTT: names to publish under, and filters with wildcards to subscribe to.
 *
 * @see MQTT 3.1.1, 4.7
 *
 * @module
 */

/** The longest topic, in bytes of UTF-8. */
const maximumLength = 65_535;

/** The first level of a filter whose subscribers share the messages (MQTT 5, 4.8.2). */
const sharedPrefix = /^\$share\/[^/+#]+\//;

/**
 * Checks the name of a topic to publish under.
 *
 * @throws {TypeError} If nothing can be published under it
 */
export function checkTopic(topic: string, address: string): void {
  checkText(topic, `Cannot send to ${address}`);
  if (/[+#]/.test(topic)) {
    throw new TypeError(`Cannot send to ${address}: + and # are wildcards, which only a topic to receive may have`);
  }
}

/**
 * Checks a filter to subscribe to.
 *
 * @throws {TypeError} If it is not a filter
 */
export function checkFilter(filter: string, address: string): void {
  checkText(filter, `Cannot receive on ${address}`);
  const levels = filter.split("/");
  const isWrong = levels.some((level, index) =>
    (level !== "+" && level.includes("+")) || (level.includes("#") && (level !== "#" || index !== levels.length - 1))
  );
  if (isWrong) {
    throw new TypeError(
      `Cannot receive on ${address}: + must be a level of its own, as in a/+/c, and # the last one, as in a/#`,
    );
  }
}

function checkText(topic: string, place: string): void {
  if (topic === "") throw new TypeError(`${place}: the topic is missing, as in mqtt://HOST/TOPIC`);
  if (topic.includes("\0")) throw new TypeError(`${place}: a topic has no zero byte`);
  const { length } = new TextEncoder().encode(topic);
  if (length > maximumLength) {
    throw new TypeError(`${place}: the topic has ${length} bytes, more than ${maximumLength}`);
  }
}

/**
 * Returns whether a message under a topic comes to a subscriber of a filter.
 *
 * @param filter The filter, with wildcards
 * @param topic The topic
 */
export function matchesFilter(filter: string, topic: string): boolean {
  const wanted = filter.replace(sharedPrefix, "").split("/");
  const levels = topic.split("/");
  // Wildcards at the beginning leave out the topics of the broker itself.
  if (topic.startsWith("$") && /^[+#]/.test(wanted[0] ?? "")) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true; // "a/#" takes "a", too
    if (index >= levels.length || (level !== "+" && level !== levels[index])) return false;
  }
  // "a" does not take "a/b"; where "#" follows the last level, the loop has said so.
  return wanted.length === levels.length;
}
