/**
 * A reader of the Protocol Buffers wire format, which knows no schema
 * (https://protobuf.dev/programming-guides/encoding/).
 *
 * @module
 */

import { recursionLimit, Wire } from "./schema.ts";

/** Bytes that no Protocol Buffers message consists of; the message is the reason, as a clause. */
export class WireError extends Error {
  /** True if the bytes end too early, so that more of them may make it right. */
  readonly isTruncated: boolean;

  /**
   * Creates the error.
   *
   * @param reason The reason, as a clause
   * @param isTruncated Whether the bytes end too early
   */
  constructor(reason: string, isTruncated = false) {
    super(reason);
    this.isTruncated = isTruncated;
  }
}

/** Most bytes of a varint of 64 bits. */
const maximumVarintLength = 10;

/** Length of a field that `readDoubles` reads, in bytes. */
const doubleFieldLength = 12;

/** The most floats that an array gets its memory for at once: more than those of any datagram. */
const mostAtOnce = 8192;

/** Floats to copy, as many as were ever needed at once. */
const spareFloats: number[] = [];

/**
 * Creates an array of floats to be overwritten. A copy has the right size at once: an array that grows is copied again and
 * again, which takes three times as long as all the rest; and unlike one of `new Array`, V8 knows that it has no holes, so
 * that those who read it are not slower either.
 */
function createFloats(count: number): number[] {
  while (spareFloats.length < count) spareFloats.push(0.5);
  return spareFloats.slice(0, count);
}

const tooLong = "a number is longer than its type allows";

/** Memory in which two halves of 32 bits become a bigint, which costs less than to compute it. */
const scratch = new DataView(new ArrayBuffer(8));

/**
 * Reads the fields of a message one after the other, and of the messages in it. Each member throws {@linkcode
 * WireError} for bytes that cannot be what it reads.
 */
export class WireReader {
  // Positions count from the start of the underlying memory: so a buffer that is reused needs no new view per datagram.
  #bytes: Uint8Array = new Uint8Array();
  #view: DataView = new DataView(this.#bytes.buffer);
  #start = 0;
  #position = 0;
  #end = 0;
  // The two halves of the last long varint.
  #low = 0;
  #high = 0;

  /**
   * Starts to read a message.
   *
   * @param message The message; its memory must not change while it is read
   */
  open(message: Uint8Array): void {
    if (this.#view.buffer !== message.buffer) {
      this.#bytes = new Uint8Array(message.buffer);
      this.#view = new DataView(message.buffer);
    }
    this.#start = this.#position = message.byteOffset;
    this.#end = message.byteOffset + message.length;
  }

  /** The offset of the next byte in the message that was opened: after an error, that of the byte it was found at. */
  get offset(): number {
    return this.#position - this.#start;
  }

  /** True if the current message has no more fields. */
  get isAtEnd(): boolean {
    return this.#position >= this.#end;
  }

  /**
   * Reads the length of a message and narrows the reader to it.
   *
   * @returns The end of the outer message, for {@linkcode leaveMessage}
   */
  enterMessage(): number {
    const length = this.readLength();
    const outerEnd = this.#end;
    if (length > outerEnd - this.#position) throw endsInField();
    this.#end = this.#position + length;
    return outerEnd;
  }

  /**
   * Widens the reader to the outer message again.
   *
   * @param outerEnd The result of {@linkcode enterMessage}
   */
  leaveMessage(outerEnd: number): void {
    this.#end = outerEnd;
  }

  /** Reads the tag of a field: its number (29 bits) and, in the low 3 bits, its wire type. */
  readTag(): number {
    const byte = this.#takeShortVarint();
    // Google's conformance tests want longer ones refused, though its C++ parser of 2022 takes the lower 32 bits.
    const tag = byte >= 0 ? byte : this.#readBoundedVarint(0x0f, "the number of a field is longer than 29 bits");
    if (tag < 8) throw new WireError("a field has the number 0");
    return tag;
  }

  /** Reads the length of a field, up to 2^31 - 1 as in all implementations. */
  readLength(): number {
    const byte = this.#takeShortVarint();
    if (byte >= 0) return byte;
    return this.#readBoundedVarint(0x07, tooLong);
  }

  /** Reads a varint of 32 bits; higher bits are ignored, as Google's implementation does. */
  readUint32(): number {
    const byte = this.#takeShortVarint();
    if (byte >= 0) return byte;
    this.#readLongVarint();
    return this.#low;
  }

  /** Reads an unsigned varint of 64 bits. */
  readUint64(): bigint {
    // Most are short, and then no 64-bit arithmetic is needed.
    const byte = this.#takeShortVarint();
    if (byte >= 0) return BigInt(byte);
    this.#readLongVarint();
    return this.#joinHalves().getBigUint64(0);
  }

  /** Reads a varint of 64 bits in two's complement. */
  readInt64(): bigint {
    const byte = this.#takeShortVarint();
    if (byte >= 0) return BigInt(byte);
    this.#readLongVarint();
    return this.#joinHalves().getBigInt64(0);
  }

  /** Reads a boolean: true if any of the varint's 64 bits is set. */
  readBoolean(): boolean {
    const byte = this.#takeShortVarint();
    if (byte >= 0) return byte !== 0;
    this.#readLongVarint();
    return (this.#low | this.#high) !== 0;
  }

  /** Reads a float32. */
  readFloat(): number {
    const position = this.#take(4);
    return this.#view.getFloat32(position, true);
  }

  /** Reads a float64. */
  readDouble(): number {
    const position = this.#take(8);
    return this.#view.getFloat64(position, true);
  }

  /**
   * Reads fields in a row that all begin with the same four bytes and end with a float64.
   *
   * The reader stops at the first field that is different.
   *
   * @param header The four bytes, as a little-endian number
   * @param values The values so far
   * @returns The values with the floats behind them: another array if there were none so far
   */
  readDoubles<T>(header: number, values: (T | number)[]): (T | number)[] {
    const view = this.#view;
    const start = this.#position;
    const last = this.#end - doubleFieldLength;
    let end = start;
    while (end <= last && view.getUint32(end, true) === header) end += doubleFieldLength;
    if (end === start) return values;
    this.#position = end;
    const count = (end - start) / doubleFieldLength;
    if (values.length === 0 && count <= mostAtOnce) {
      const floats: (T | number)[] = createFloats(count);
      let at = start + 4;
      for (let index = 0; index < count; index++) {
        floats[index] = view.getFloat64(at, true);
        at += doubleFieldLength;
      }
      return floats;
    }
    for (let at = start + 4; at < end; at += doubleFieldLength) values.push(view.getFloat64(at, true));
    return values;
  }

  /**
   * Steps over a field.
   *
   * @param tag Its tag, which has been read
   * @param level The number of messages and groups around it
   */
  skipField(tag: number, level: number): void {
    switch (tag & 7) {
      case Wire.varint:
        this.readUint32();
        break;
      case Wire.fixed64:
        this.#take(8);
        break;
      case Wire.delimited:
        this.#take(this.readLength());
        break;
      case Wire.startGroup: {
        if (level === recursionLimit) throw new WireError("groups are nested too deeply");
        const end = tag - Wire.startGroup + Wire.endGroup;
        for (let inner = this.readTag(); inner !== end; inner = this.readTag()) this.skipField(inner, level + 1);
        break;
      }
      case Wire.endGroup:
        throw new WireError("a group ends that did not begin");
      case Wire.fixed32:
        this.#take(4);
        break;
      default:
        throw new WireError("a field has a wire type that does not exist");
    }
  }

  /** Steps over a number of bytes; returns the position of the first one. */
  #take(length: number): number {
    const position = this.#position;
    if (length > this.#end - position) throw endsInField();
    this.#position = position + length;
    return position;
  }

  /** Reads a varint of one byte, as most are; -1 if it is longer or missing. */
  #takeShortVarint(): number {
    const byte = this.#position < this.#end ? this.#bytes[this.#position] as number : 0x80;
    if (byte >= 0x80) return -1;
    this.#position++;
    return byte;
  }

  /** Reads a varint of up to five bytes, the last of which may have no bits but those of a mask. */
  #readBoundedVarint(lastMask: number, reason: string): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#takeByte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const byte = this.#takeByte();
    if (byte > lastMask) throw new WireError(reason);
    return (value | byte << 28) >>> 0;
  }

  /** Reads a varint of up to ten bytes into the two halves. Bits above 64 are ignored. */
  #readLongVarint(): void {
    let low = 0;
    let high = 0;
    for (let i = 0; i < maximumVarintLength; i++) {
      const byte = this.#takeByte();
      const bits = byte & 0x7f;
      if (i < 4) {
        low |= bits << 7 * i;
      } else if (i === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else {
        high |= bits << 7 * i - 32;
      }
      if (byte >= 0x80) continue;
      this.#low = low >>> 0;
      this.#high = high;
      return;
    }
    throw new WireError(tooLong);
  }

  #takeByte(): number {
    if (this.#position >= this.#end) throw endsInField();
    return this.#bytes[this.#position++] as number;
  }

  #joinHalves(): DataView {
    scratch.setUint32(0, this.#high);
    scratch.setUint32(4, this.#low);
    return scratch;
  }
}

function endsInField(): WireError {
  return new WireError("it ends inside a field", true);
}
