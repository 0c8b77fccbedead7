// The tracker's end of a TCP connection that is in memory: what a client sends is pushed, what it is sent is kept.
import { Duplex } from "node:stream";

export interface SocketAddress {
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export class MemorySocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  #written: Buffer[] = [];

  constructor({ remoteAddress, remotePort }: SocketAddress) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.on("error", () => undefined);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // The writer may use its memory again.
    this.#written.push(Buffer.from(chunk));
    done();
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.#written.push(Buffer.from(chunk));
    done();
  }

  /** What was written since the last call. */
  takeWritten(): Buffer {
    const [only, ...more] = this.#written;
    if (only === undefined) return NOTHING;
    const taken = more.length === 0 ? only : Buffer.concat(this.#written);
    this.#written = [];
    return taken;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}

const NOTHING = Buffer.alloc(0);
