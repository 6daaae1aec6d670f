/**
 * Names that writing and reading Parquet files share.
 *
 * @module
 */

/** Names of the columns of a file that are not signals. */
export const reservedColumns = ["time", "time_ns", "received_ns", "sequence"] as const;

/** Key of the list of signals in the metadata of a file. */
export const signalsKey = "villas.signals";

/** Key of the remark in the metadata of a file. */
export const remarkKey = "villas.remark";
