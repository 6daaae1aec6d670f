/**
 * Writing messages of quality of service 0, of which a broker confirms nothing: many of them in one piece.
 *
 * The package `mqtt` takes several writes, objects and callbacks for each message. At this quality none of that is of use: the
 * packet is a header, the topic and the message.
 *
 * @see MQTT 3.1.1 and MQTT 5 (OASIS), 3.3
 *
 * @module
 */

/** Length of a piece of memory for packets, in bytes; what is longer is sent alone. */
const slabLength = 65_536;

/** The longest header: one byte, and four for the remaining length (2.2.3). */
const maximumHeader = 5;

/** What packets are written to. */
export interface PacketSink {
  /** Takes bytes, which stay as they are. */
  write(bytes: Uint8Array): void;
}

/** Options of {@linkcode PublishWriter}. */
export interface PublishWriterOptions {
  /** Topic of all messages. */
  readonly topic: string;
  /** Has the broker keep the last message. */
  readonly retain: boolean;
  /** Version of the protocol. */
  readonly version: 3 | 5;
}

/** Writes the messages of one topic. Those of one turn of the event loop go to the socket together. */
export class PublishWriter {
  readonly #sink: PacketSink;
  readonly #firstByte: number;
  /** Everything between the remaining length and the message: the topic, and no properties (3.3.2). */
  readonly #variableHeader: Uint8Array;
  #slab = new Uint8Array(slabLength);
  /** Begin and end of what has not been written to the socket. */
  #start = 0;
  #end = 0;
  readonly #flush = () => this.flush();

  /** Creates the writer of a connection that is open. */
  constructor(sink: PacketSink, { topic, retain, version }: PublishWriterOptions) {
    this.#sink = sink;
    this.#firstByte = 0x30 | (retain ? 1 : 0);
    const name = new TextEncoder().encode(topic);
    const header = new Uint8Array(2 + name.length + (version === 5 ? 1 : 0));
    header[0] = name.length >> 8;
    header[1] = name.length & 0xff;
    header.set(name, 2);
    this.#variableHeader = header;
  }

  /** Takes a message, of which it keeps a copy. */
  publish(message: Uint8Array): void {
    const remaining = this.#variableHeader.length + message.length;
    const most = maximumHeader + remaining;
    if (this.#slab.length - this.#end < most) {
      this.flush();
      this.#slab = new Uint8Array(Math.max(slabLength, most));
      this.#start = this.#end = 0;
    }
    if (this.#start === this.#end) queueMicrotask(this.#flush);
    const slab = this.#slab;
    let end = this.#end;
    slab[end++] = this.#firstByte;
    let rest = remaining;
    do {
      slab[end++] = rest > 0x7f ? (rest & 0x7f) | 0x80 : rest;
      rest >>= 7;
    } while (rest > 0);
    slab.set(this.#variableHeader, end);
    slab.set(message, end + this.#variableHeader.length);
    this.#end = end + remaining;
  }

  /** Hands everything that was taken to the socket. */
  flush(): void {
    if (this.#start === this.#end) return;
    const bytes = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#sink.write(bytes);
  }
}
