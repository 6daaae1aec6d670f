/**
 * VILLASnode's formats: samples to bytes and back, as datagrams and as files, and the detection of a format from
 * datagrams. Each format has a file, and each family of formats a folder of helpers. Moving the bytes belongs to the
 * transports, opening files to the recordings.
 *
 * @module
 */

export { type Format, type FormatOptions, type StreamDecoder, type StreamEncoder } from "./format.ts";
export { DecodeError, type DecodeErrorOptions, EncodeError, type Position } from "./errors.ts";
export { createFormat, formatNames, type FormatSpecification } from "./table.ts";
export { detectFormat, type Detection, type FormatCandidate } from "./detect.ts";
export { protobuf } from "./protobuf.ts";
export { villasBinary, type VillasBinaryOptions } from "./villas_binary.ts";
export { villasWeb } from "./villas_web.ts";
export { villasHuman, type VillasHumanOptions } from "./villas_human.ts";
export { json, type JsonOptions } from "./json.ts";
export { csv, type CsvOptions } from "./csv.ts";
export { tsv, type TsvOptions } from "./tsv.ts";
export { raw, type RawOptions } from "./raw.ts";
export { gtnet } from "./gtnet.ts";
export { opalAsyncip, type OpalAsyncipOptions } from "./opal_asyncip.ts";
export { jsonKafka, type JsonKafkaOptions } from "./json_kafka.ts";
export { jsonEdgeflex } from "./json_edgeflex.ts";
export { jsonReserve } from "./json_reserve.ts";
export { iotagentUl } from "./iotagent_ul.ts";
export { influx, type InfluxOptions } from "./influx.ts";
export { value } from "./value.ts";
export { c37118, type C37118Options } from "./c37_118.ts";
export type {
  AnalogDescription,
  DigitalDescription,
  PhasorDescription,
  PmuDescription,
  StreamDescription,
} from "./c37_118/stream_description.ts";
export { ColumnRanges, type HeadColumns, type ScanReceiver } from "./column_ranges.ts";
export { findPlausibleLayout } from "./detect/layouts.ts";
