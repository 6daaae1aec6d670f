/**
 * Parsed JSON that tells floats from integers, with the place of each value in the text.
 *
 * @module
 */

import { maximumLine } from "../text/lines.ts";
import type { Position } from "../errors.ts";

/** A JSON value: floats are `number`, integers `bigint`. */
export type Json = null | boolean | number | bigint | string | JsonArray | JsonObject;

/** A JSON array, with the place of each item. */
export interface JsonArray {
  readonly kind: "array";
  readonly items: Json[];
  readonly places: Place[];
}

/** A JSON object, with the name and place of each value. If a name is repeated, the last value counts. */
export interface JsonObject {
  readonly kind: "object";
  readonly names: string[];
  readonly items: Json[];
  readonly places: Place[];
}

/**
 * Appends a member to an object.
 *
 * @param object The object
 * @param name Name of the member
 * @param item Its value
 * @param place Place of the value
 */
export function addMember(object: JsonObject, name: string, item: Json, place: Place): void {
  object.names.push(name);
  object.items.push(item);
  object.places.push(place);
}

/** A line and a column in one number, so that many of them cost little. */
export type Place = number;

/** Most columns of a line. */
export const columns = 2 * maximumLine;

/**
 * Returns the line and the column of a place, for errors.
 *
 * @param place The place
 * @returns The position
 */
export function positionOf(place: Place): Position {
  return { line: Math.floor(place / columns), column: place % columns };
}
