/**
 * The frames of Zstandard: where one ends and the next one begins, without inflating them.
 *
 * @see RFC 8878, section 3.1
 *
 * @module
 */

const frameMagic = 0xfd2f_b528;

/** Frames that decoders skip have one of 16 magic numbers. */
const skippableMagic = 0x184d_2a50;

/** A part of a frame. */
export interface FramePart {
  /** Bytes of the given ones that belong to the frame. */
  readonly length: number;
  /** True if the frame ends with them. */
  readonly isEnd: boolean;
  /** True if the frame holds no data. */
  readonly isSkipped: boolean;
}

/** Follows the frames of a file. */
export class ZstdFrames {
  /** Bytes of a head that is not complete yet. */
  #head: number[] = [];
  #step: "magic" | "descriptor" | "header" | "block" | "skip-length" = "magic";
  /** Bytes to pass before the next head. */
  #left = 0;
  #headerLength = 0;
  #hasChecksum = false;
  #isLastBlock = false;
  #isSkipped = false;

  /** True between two frames, where a file may end. */
  get isComplete(): boolean {
    return this.#step === "magic" && this.#head.length === 0 && this.#left === 0;
  }

  /**
   * Follows bytes up to the end of a frame.
   *
   * @param bytes The next bytes of the file
   * @returns The part that belongs to the frame, or what is wrong
   */
  follow(bytes: Uint8Array): FramePart | string {
    let pos = 0;
    for (;;) {
      const passed = Math.min(this.#left, bytes.length - pos);
      this.#left -= passed;
      pos += passed;
      if (this.#left > 0) return { length: pos, isEnd: false, isSkipped: this.#isSkipped };
      if (this.#isLastBlock) {
        this.#isLastBlock = false;
        this.#step = "magic";
        return { length: pos, isEnd: true, isSkipped: this.#isSkipped };
      }
      while (this.#head.length < this.#wanted) {
        const byte = bytes[pos];
        if (byte === undefined) return { length: pos, isEnd: false, isSkipped: this.#isSkipped };
        this.#head.push(byte);
        pos++;
      }
      const fault = this.#readHead();
      if (fault !== undefined) return fault;
    }
  }

  get #wanted(): number {
    return { magic: 4, descriptor: 1, header: this.#headerLength, block: 3, "skip-length": 4 }[this.#step];
  }

  /** Reads a head that is complete, and says what follows it. */
  #readHead(): string | undefined {
    const number = this.#head.reduceRight((sum, byte) => sum * 256 + byte, 0);
    this.#head = [];
    switch (this.#step) {
      case "magic":
        this.#isSkipped = number >= skippableMagic && number < skippableMagic + 16;
        if (number !== frameMagic && !this.#isSkipped) return "no frame of Zstandard begins where one should";
        this.#step = this.#isSkipped ? "skip-length" : "descriptor";
        return undefined;
      case "skip-length":
        this.#left = number;
        this.#isLastBlock = true;
        return undefined;
      case "descriptor": {
        const isSingle = (number & 0x20) !== 0;
        const sizeFlag = number >> 6;
        this.#hasChecksum = (number & 0x04) !== 0;
        const sizeLength = sizeFlag === 0 ? (isSingle ? 1 : 0) : 2 ** sizeFlag;
        this.#headerLength = (isSingle ? 0 : 1) + ([0, 1, 2, 4][number & 3] ?? 0) + sizeLength;
        this.#step = "header";
        return undefined;
      }
      case "header":
        this.#step = "block";
        return undefined;
      case "block": {
        const type = number >> 1 & 3;
        if (type === 3) return "a block of Zstandard is of no known type";
        // A run is one byte, however long.
        this.#left = type === 1 ? 1 : number >> 3;
        this.#isLastBlock = (number & 1) !== 0;
        if (this.#isLastBlock && this.#hasChecksum) this.#left += 4;
        return undefined;
      }
    }
  }
}
