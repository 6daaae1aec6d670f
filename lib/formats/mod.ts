/**
 * VILLASnode's formats: samples to bytes and back.
 *
 * @module
 */

export * from "./format.ts";
export * from "./errors.ts";
export * from "./table.ts";
export * from "./detect.ts";
export * from "./plausible_layouts.ts";
export * from "./protobuf.ts";
export * from "./villas_binary.ts";
export * from "./villas_web.ts";
export * from "./villas_human.ts";
export * from "./json.ts";
export * from "./csv.ts";
export * from "./tsv.ts";
export * from "./raw.ts";
export * from "./gtnet.ts";
export * from "./opal_asyncip.ts";
export * from "./json_kafka.ts";
export * from "./json_edgeflex.ts";
export * from "./json_reserve.ts";
export * from "./iotagent_ul.ts";
export * from "./value.ts";
