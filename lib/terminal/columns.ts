/**
 * Tables of figures in lines of limited length.
 *
 * @module
 */

/** One column of a table. */
export interface Column {
  /** Its width, in characters, with the blanks in front of the cells, which are aligned to the right. */
  readonly width: number;
  /** Its cells, the name first. */
  readonly cells: readonly (string | number)[];
}

/**
 * Writes columns side by side. Those for which the lines are too short follow below, after an empty line, as a table of
 * their own.
 *
 * @param first Columns that every such table begins with
 * @param columns The other columns
 * @param width Length of the longest line, in characters; a table has one of the other columns at least, whatever it is
 * @returns The lines
 */
export function layOutColumns(first: readonly Column[], columns: readonly Column[], width: number): string[] {
  const lengthOf = (some: readonly Column[]) => some.reduce((sum, column) => sum + column.width, 0);
  const tables: Column[][] = [];
  for (const column of columns) {
    const last = tables.at(-1);
    if (last !== undefined && lengthOf(last) + column.width <= width) last.push(column);
    else tables.push([...first, column]);
  }
  const lineOf = (table: readonly Column[], row: number) =>
    table.map(({ width, cells }) => String(cells[row] ?? "").padStart(width)).join("").trimEnd();
  const rows = Math.max(...columns.map(({ cells }) => cells.length));
  return tables.flatMap((table, index) => [
    ...(index === 0 ? [] : [""]),
    ...Array.from({ length: rows }, (_, row) => lineOf(table, row)),
  ]);
}
