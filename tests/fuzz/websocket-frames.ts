// WebSocket frames (RFC 6455) as a client writes them and as it reads what a server wrote.

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

const [FIN, MASKED, RESERVED, SIXTEEN_BITS, SIXTY_FOUR_BITS] = [0x80, 0x80, 0x70, 126, 127];
const MAX_CONTROL_BYTES = 125;
/** Masks nothing, and saves the time. */
const MASK = Buffer.of(0, 0, 0, 0);

export function clientFrame(opcode: number, payload: Buffer, isLast = true): Buffer {
  return Buffer.concat([frameHead(opcode | (isLast ? FIN : 0), payload.length), MASK, payload]);
}

function frameHead(first: number, length: number): Buffer {
  if (length < SIXTEEN_BITS) return Buffer.of(first, MASKED | length);
  const head = Buffer.alloc(length < 0x1_0000 ? 4 : 10);
  head[0] = first;
  head[1] = MASKED | (head.length === 4 ? SIXTEEN_BITS : SIXTY_FOUR_BITS);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** Throws an `Error` that says what is no frame of a server that uses no extension; what was written must be whole frames. */
export function readServerFrames(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const [first, second] = [bytes.readUInt8(at), bytes.readUInt8(at + 1)];
    const opcode = first & 0xf;
    const { length, payloadAt } = readLength(bytes, at, second);
    if ((first & FIN) === 0 || (first & RESERVED) !== 0 || (second & MASKED) !== 0)
      throw new Error(`a frame begins with ${first} ${second}`);
    if (!Object.values<number>(OPCODE).includes(opcode) || opcode === OPCODE.continuation)
      throw new Error(`a frame has the opcode ${opcode}`);
    if (opcode >= OPCODE.close && length > MAX_CONTROL_BYTES) throw new Error(`a control frame has ${length} bytes`);
    at = payloadAt + length;
    if (at > bytes.length) throw new Error("a frame is not whole");
    frames.push({ opcode, payload: bytes.subarray(payloadAt, at) });
  }
  return frames;
}

function readLength(bytes: Buffer, at: number, second: number): { length: number; payloadAt: number } {
  const short = second & ~MASKED;
  if (short === SIXTEEN_BITS) return { length: bytes.readUInt16BE(at + 2), payloadAt: at + 4 };
  if (short === SIXTY_FOUR_BITS) return { length: Number(bytes.readBigUInt64BE(at + 2)), payloadAt: at + 10 };
  return { length: short, payloadAt: at + 2 };
}
