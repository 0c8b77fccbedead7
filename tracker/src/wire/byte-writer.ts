// Bytes that grow from left to right: answers are printed into them without strings in between.

const FIRST_BYTES = 4096;

/** Grows as it is written to. `bytes` is another buffer after it has grown: fetch it anew. */
export class ByteWriter {
  bytes: Buffer<ArrayBuffer>;
  /** How many bytes of `bytes` are written. */
  length = 0;

  constructor(capacity = FIRST_BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Bytes of a constant; short ones, as a loop beats a call into the engine up to some dozens. */
  constant(source: Uint8Array): void {
    this.#reserve(source.length);
    const { bytes } = this;
    let at = this.length;
    for (let index = 0; index < source.length; index++) bytes[at++] = source[index] ?? 0;
    this.length = at;
  }

  /** The first `count` bytes of `source`. */
  copy(source: Uint8Array, count: number): void {
    this.#reserve(count);
    this.bytes.set(count === source.length ? source : source.subarray(0, count), this.length);
    this.length += count;
  }

  /** One character a byte. */
  latin1(text: string): void {
    this.#reserve(text.length);
    this.length += this.bytes.write(text, this.length, "latin1");
  }

  /** An integer of at least 0, in decimal digits. */
  natural(value: number): void {
    if (value > 0xffff_ffff) return this.latin1(String(value));
    this.#reserve(10);
    const { bytes } = this;
    const end = this.length + digitsOf(value);
    let rest = value;
    for (let at = end - 1; at >= this.length; at--) {
      const tenth = (rest / 10) >>> 0;
      bytes[at] = 0x30 + rest - tenth * 10;
      rest = tenth;
    }
    this.length = end;
  }

  /** Writes `source` over what is written from `at` on, in place of `replaced` bytes. */
  splice(at: number, replaced: number, source: Uint8Array): void {
    const growth = source.length - replaced;
    if (growth !== 0) {
      this.#reserve(Math.max(growth, 0));
      this.bytes.copyWithin(at + source.length, at + replaced, this.length);
      this.length += growth;
    }
    this.bytes.set(source, at);
  }

  /** What is written, in the memory that is written to next. */
  view(): Buffer<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  /** Starts anew in the same memory. */
  clear(): void {
    this.length = 0;
  }

  /** Leaves its memory to whoever holds a view of it. */
  renew(): void {
    this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.length = 0;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const wider = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count));
    wider.set(this.view());
    this.bytes = wider;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; value >= power; power *= 10) digits++;
  return digits;
}
