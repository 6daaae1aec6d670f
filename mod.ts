export * from "./lib/sample.ts";
export * from "./lib/timestamp.ts";
export * from "./lib/signals.ts";
export * from "./lib/formats/errors.ts";
export * from "./lib/formats/format.ts";
export * from "./lib/formats/json.ts";
export * from "./lib/formats/protobuf.ts";
export * from "./lib/formats/table.ts";
