/**
 * Datagrams that a VILLASnode does not take, one per rule.
 *
 * They are for the model only, and are sent to no VILLASnode.
 *
 * @module
 */

import type { NodeSettings } from "./node_model.ts";

const encoder = new TextEncoder();

/** Makes a datagram of text. */
export function text(content: string): Uint8Array {
  return encoder.encode(content);
}

/** Makes a datagram of hexadecimal digits, in groups for the eye. */
export function hex(content: string): Uint8Array {
  return Uint8Array.fromHex(content.replaceAll(" ", ""));
}

/** One rule each: settings, the datagram that breaks it, and the reason. */
export const unfit: readonly [format: NodeSettings["format"], signals: string, datagram: Uint8Array, reason: RegExp][] =
  [
    ["protobuf", "f", new Uint8Array(), /^the node ignores an empty datagram$/],
    [
      "villas.human",
      "6000f",
      text(`1.000000000(0)${"\t1.00000000".repeat(6000)}\n`),
      /^66015 bytes are more than the 65507/,
    ],
    // protobuf
    ["protobuf", "i", hex("0a0c 0801 a20607 09"), /^field 1 ends behind its message$/],
    [
      "protobuf",
      "i",
      hex("0a10 0801 1000 a20609 09000000000000f03f"),
      /^value 0 is of type float, signal0 of type integer$/,
    ],
    ["protobuf", "f", hex("0a09 0801 1000 a20602 1001"), /^value 0 is of type integer, signal0 of type float$/],
    ["protobuf", "f", hex("0a07 0801 1000 a20600"), /^value 0 is not set$/],
    ["protobuf", "i", hex("0a0b 0801 1000 a20604 10011002"), /^value 0 is set twice$/],
    ["protobuf", "i", hex("0a0e 0801 1000 a20602 1001 a20602 1001"), /^value 1: the node has 1 signals$/],
    ["protobuf", "i", hex("0a09 0802 1000 a20602 1001"), /^the sample is of type 2, not DATA \(1\)$/],
    ["protobuf", "i", hex("0a07 1000 a20602 1001"), /^the sample has no type$/],
    ["protobuf", "i", hex("0a0a 0801 108000 a20602 1001"), /^a varint is longer than it must be$/],
    ["protobuf", "i", hex("0a0b 0801 1000 1001 a20602 1001"), /^field 2 of a sample comes twice$/],
    ["protobuf", "i", hex("0a0d 0801 1000 1a0208 01 a20602 1001"), /^a timestamp lacks a required part$/],
    [
      "protobuf",
      "i",
      hex("0a13 0801 1000 1a080801 108094ebdc03 a20602 1001"),
      /^a timestamp has 1000000000 nanoseconds$/,
    ],
    ["protobuf", "c", hex("0a0e 0801 1000 a20607 2205 0d00000000"), /^a complex value lacks a required part$/],
    ["protobuf", "f", hex("1200"), /^it holds no samples$/],
    // json
    ["json", "f", text('{"data": [1.0]}'), /^it is not an array of samples$/],
    ["json", "f", text('[{"data": [1]}]'), /^value 0 is of type integer, signal0 of type float$/],
    ["json", "i", text('[{"data": [1.0]}]'), /^value 0 is of type float, signal0 of type integer$/],
    ["json", "i", text('[{"data": [1e3]}]'), /^value 0 is of type float, signal0 of type integer$/],
    ["json", "b", text('[{"data": [1]}]'), /^value 0 is of type integer, signal0 of type boolean$/],
    ["json", "f", text('[{"data": [null]}]'), /^value 0 is null, which no signal takes$/],
    ["json", "f", text('[{"data": [NaN]}]'), /^JSON cannot be read at character 11: a value is expected$/],
    ["json", "f", text('[{"data": [1e400]}]'), /the real 1e400 is too large$/],
    ["json", "i", text('[{"data": [9223372036854775808]}]'), /the integer 9223372036854775808 is too large$/],
    ["json", "f", text('[{"data": [1.0, 2.0]}]'), /^value 1: the node has 1 signals$/],
    ["json", "f", text('[{"sequence": 1}]'), /^data is missing$/],
    ["json", "f", text('[{"sequence": 1.0, "data": [1.0]}]'), /^sequence is not an integer$/],
    ["json", "f", text('[{"sequence": -1, "data": [1.0]}]'), /^the sequence number -1 is negative$/],
    ["json", "f", text('[{"ts": {"origin": [1.5, 0]}, "data": [1.0]}]'), /^a timestamp is not of two integers$/],
    [
      "json",
      "f",
      text('[{"ts": {"origin": [1, 1000000000]}, "data": [1.0]}]'),
      /^a timestamp has 1000000000 nanoseconds$/,
    ],
    ["json", "c", text('[{"data": [{"real": 1.0}]}]'), /^value 0 has no numbers real and imag$/],
    ["json", "f", text('[{"data": [1.0]}]\n[{"data": [1.0]}]'), /something stands behind the value$/],
    ["json", "f", text("[]"), /^it holds no samples$/],
    // The JSON formats with names
    ["json.kafka", "f", text('[{"schema": {}}]'), /^payload is missing$/],
    ["json.kafka", "f", text('[{"payload": {"va": 1.0}}]'), /^no signal is named "va": its value is lost$/],
    [
      "json.kafka",
      "i",
      text('[{"payload": {"signal0": 1.0}}]'),
      /^value signal0 is 1, which a signal of type integer does not/,
    ],
    ["json.kafka", "2f", text('[{"payload": {"signal1": 1.0}}]'), /^value 0 is missing before others$/],
    ["json.kafka", "f", text('[{"payload": {"timestamp": 1.5, "signal0": 1.0}}]'), /^timestamp is not an integer$/],
    ["json.kafka", "f", text('[{"payload": {"signal0": 1.0, "signal0": 2.0}}]'), /^the key "signal0" comes twice$/],
    ["json.edgeflex", "f", text('[{"signal0": 1.0}]'), /^created is not a number$/],
    [
      "json.edgeflex",
      "f",
      text('[{"signal0": 1.0, "va": 1.0, "created": 1}]'),
      /^no signal is named "va": its value is lost$/,
    ],
    [
      "json.edgeflex",
      "f",
      text('[{"signal0": true, "created": 1}]'),
      /^value signal0 is true, which a signal of type float/,
    ],
    ["json.reserve", "f", text('[{"values": []}]'), /^measurements are missing$/],
    ["json.reserve", "f", text('[{"measurements": [{"value": 1.0}]}]'), /^the name of a measurement is not a string$/],
    [
      "json.reserve",
      "f",
      text('[{"measurements": [{"name": "signal0", "value": true}]}]'),
      /^the value of signal0 is no number$/,
    ],
    [
      "json.reserve",
      "i",
      text('[{"measurements": [{"name": "signal0", "value": 1}]}]'),
      /^value signal0 is 1, which a signal of/,
    ],
    // csv, tsv
    ["csv", "f", text("1,0,0,1,1.5"), /^the line does not end at the end of the datagram$/],
    ["csv", "f", text("1,0,0,1\n"), /^the node does not take the sequence number of a line without values$/],
    ["csv", "f", text("1,0,nan,1,1.5\n"), /^the offset is NaN$/],
    ["csv", "f", text("nan,nan,0,1,1.5\n"), /^expected column 1 \(seconds\), not "nan,nan,0,1,"$/],
    ["csv", "f", text("1,0,0,nan,1.5\n"), /^expected the sequence number, not "nan,1\.5\\n"$/],
    ["csv", "f", text("1,1000000000,0,1,1.5\n"), /^a timestamp has 1000000000 nanoseconds$/],
    ["csv", "f", text("1,0,0,1;1.5\n"), /^the line does not end at ";1\.5\\n"$/],
    ["csv", "f", text("1,0,0,1,1.5,2.5\n"), /^value 1: the node has 1 signals$/],
    ["csv", "i", text("1,0,0,1,1.5\n"), /^the line does not end at "\.5\\n"$/],
    ["csv", "b", text("1,0,0,1,true\n"), /^expected value 0, not "true\\n"$/],
    ["csv", "b", text("1,0,0,1,2\n"), /^value 0 is 2, which is not a boolean$/],
    [
      "csv",
      "i",
      text("1,0,0,1,9223372036854775808\n"),
      /^value 0 is 9223372036854775808, which does not fit into 64 bits$/,
    ],
    ["csv", "c", text("1,0,0,1,1.5+2.5\n"), /^value 0 lacks the i behind its imaginary part/],
    ["csv", "2f", text("1,0,0,1,,1.5\n"), /^expected value 0, not ",1\.5\\n"$/],
    [
      "csv",
      "f",
      text("1,0,0,18446744073709551616,1.5\n"),
      /^the sequence number 18446744073709551616 does not fit into 64/,
    ],
    ["csv", "f", text("# secs,nsecs,offset,sequence,signal0\n"), /^a line is a comment to the node$/],
    [{ type: "csv", comment_prefix: "1" }, "f", text("1,0,0,1,1.5\n"), /^a line is a comment to the node$/],
    [{ type: "csv", skip_first_line: true }, "f", text("1,0,0,1,1.5\n"), /^the node skips the first line/],
    [
      { type: "csv", separator: ";" },
      "f",
      text("1,0,0,1,1.5\n"),
      /^expected column 2 \(nanoseconds\), not ",0,0,1,1\.5\\n"$/,
    ],
    ["tsv", "f", text("1,0,0,1,1.5\n"), /^expected column 2 \(nanoseconds\)/],
    // villas.human
    ["villas.human", "f", text("1.000000000(0)\t1.5"), /^the line does not end at the end of the datagram$/],
    ["villas.human", "f", text("(0)\t1.5\n"), /^expected the seconds, not "\(0\)/],
    ["villas.human", "f", text("1\t1.5\n"), /^expected the nanoseconds, not/],
    ["villas.human", "f", text("1.5(0)\t1.5\n"), /^the nanoseconds have 1 digits, not 9$/],
    ["villas.human", "f", text("4294967296.000000000(0)\t1.5\n"), /^the node cuts 4294967296 seconds to 32 bits$/],
    ["villas.human", "f", text("1.000000000+-5e-9(0)\t1.5\n"), /^expected the offset, not "\+-5e-9/],
    ["villas.human", "f", text("1.000000000(0\t1.5\n"), /^expected a closing parenthesis/],
    ["villas.human", "f", text("1.000000000(0)\tabc\n"), /^expected value 0, not "abc\\n"$/],
    ["villas.human", "f", text("1.000000000(0)\t1.5\t2.5\n"), /^value 1: the node has 1 signals$/],
    ["villas.human", "2f", text("1.000000000(0)\t1.5,2.5\n"), /^the line does not end at ",2\.5\\n"$/],
    // value
    ["value", "f", text("1.5"), /^expected a line feed, not the end of the datagram$/],
    ["value", "f", text("1.5\n2.5\n"), /^behind the only value stands "2\.5\\n"$/],
    ["value", "i", text("1.5\n"), /^expected a line feed, not "\.5\\n"$/],
    ["value", "", text("1.5\n"), /^value 0: the node has 0 signals$/],
    // raw, gtnet
    ["raw", "f", hex("0000803f 000080"), /^7 bytes are not a whole number of words of 4 bytes$/],
    ["raw", "f", hex("0000803f 0000803f"), /^value 1: the node has 1 signals$/],
    ["raw", "c", hex("0000803f"), /^value 0 is half a complex number$/],
    ["raw", "b", hex("02000000"), /^value 0 is 2, which is not a boolean$/],
    [{ type: "raw", bits: 16 }, "f", hex("ffff"), /^value 0: words of 16 bits carry no float$/],
    [{ type: "raw", bits: 24 }, "i", hex("010000"), /^the node reads no words of 24 bits$/],
    [{ type: "gtnet", fake: true }, "f", hex("00000000 00000001"), /^2 words are fewer than the 3 of the header$/],
    [
      { type: "gtnet", fake: true },
      "f",
      hex("00000000 00000001 3b9aca00 00000000"),
      /^a timestamp has 1000000000 nanoseconds$/,
    ],
    // villas.binary, villas.web
    ["villas.binary", "f", hex("20000001 00000000 00000001 00000000 3f8000"), /^19 bytes are not a multiple of 4$/],
    ["villas.binary", "f", hex("20000001 00000000 00000001"), /^a message ends inside its header$/],
    ["villas.binary", "f", hex("20000002 00000000 00000001 00000000 3f800000"), /^a message ends behind its datagram$/],
    ["villas.binary", "f", hex("02000001 00000000 00000001 00000000 3f800000"), /^a message has version 0, not 2$/],
    [
      "villas.binary",
      "f",
      hex("24000001 00000000 00000001 00000000 3f800000"),
      /^a message has type 1, not 0 \(data\)$/,
    ],
    [
      "villas.binary",
      "f",
      hex("21000001 00000000 00000001 00000000 3f800000"),
      /^a message has 1 in its reserved bits$/,
    ],
    [
      "villas.binary",
      "f",
      hex("20000001 00000000 00000001 3b9aca00 3f800000"),
      /^a timestamp has 1000000000 nanoseconds$/,
    ],
    [
      "villas.binary",
      "f",
      hex("20000002 00000000 00000001 00000000 3f800000 3f800000"),
      /^cut: 2 values, and the node has 1 signals$/,
    ],
    [
      "villas.binary",
      "b",
      hex("20000001 00000000 00000001 00000000 00000001"),
      /^value 0: the format carries no boolean$/,
    ],
    [
      "villas.web",
      "c",
      hex("20000100 00000000 01000000 00000000 0000803f"),
      /^value 0: the format carries no complex$/,
    ],
    [
      { type: "villas.web", source_index: 1, validate_source_index: true },
      "f",
      hex("20000100 00000000 01000000 00000000 0000803f"),
      /^a message has source index 0, not 1: it is skipped$/,
    ],
    // opal.asyncip
    ["opal.asyncip", "f", hex("0000 00000000 0800 00000000"), /^12 bytes are not a multiple of 8$/],
    ["opal.asyncip", "f", hex("0000 00000000 0000"), /^the node ignores a packet without values$/],
    ["opal.asyncip", "f", hex("0000 00000000 1000 0000000000000000"), /^a packet ends behind its datagram$/],
    [
      "opal.asyncip",
      "f",
      hex("0000 00000000 0400 0000000000000000"),
      /^a packet has 4 bytes of values, not a multiple of 8$/,
    ],
    [
      "opal.asyncip",
      "f",
      hex("0000 00000000 1000 0000000000000000 0000000000000000"),
      /^value 1: the node has 1 signals$/,
    ],
    ["opal.asyncip", "i", hex("0000 00000000 0800 000000000000f83f"), /^value 0 is 1\.5, which is not an integer/],
    ["opal.asyncip", "b", hex("0000 00000000 0800 0000000000000040"), /^value 0 is 2, which is not a boolean$/],
    ["opal.asyncip", "c", hex("0000 00000000 0800 0000000000000040"), /^value 0: the format carries no complex$/],
    ["opal.asyncip", "65f", hex(`0000 00000000 0802 ${"00".repeat(520)}`), /^a packet has 65 values, more than 64$/],
  ];
