/**
 * Lists that most often have one item.
 *
 * @module
 */

/**
 * Appends an item to a list that is created for the first one. To an empty list, V8 adds memory for 17 items at once: where
 * lists live as long as a datagram, that is most of what a datagram costs.
 *
 * @param list The list; undefined while there is none
 * @param item The item
 * @returns The list
 */
export function append<T>(list: T[] | undefined, item: T): T[] {
  if (list === undefined) return [item];
  list.push(item);
  return list;
}
