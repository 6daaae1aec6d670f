/**
 * JSON that has been read: it tells floats from integers, and where each value stands.
 *
 * @module
 */

import { maximumLine } from "../text/lines.ts";
import type { Position } from "../errors.ts";

/** A value: floats are `number`, integers `bigint`. */
export type Json = null | boolean | number | bigint | string | JsonArray | JsonObject;

/** An array, with the place of each item. */
export interface JsonArray {
  readonly kind: "array";
  readonly items: Json[];
  readonly places: Place[];
}

/** An object, with the name and the place of each value. Names may be repeated: then the last one counts. */
export interface JsonObject {
  readonly kind: "object";
  readonly names: string[];
  readonly items: Json[];
  readonly places: Place[];
}

/** Appends a member to an object. */
export function addMember(object: JsonObject, name: string, item: Json, place: Place): void {
  object.names.push(name);
  object.items.push(item);
  object.places.push(place);
}

/** A line and a column in one number, so that keeping many of them costs little. */
export type Place = number;

/** Columns that a line may have. */
export const columns = 2 * maximumLine;

/** The line and the column of a place, for errors. */
export function positionOf(place: Place): Position {
  return { line: Math.floor(place / columns), column: place % columns };
}
