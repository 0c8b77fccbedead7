// An answer of status 200 around a body that is still to be written.
import type { ByteWriter } from "../../wire/byte-writer.ts";

/** Right for most bodies; others make the digits more or fewer afterwards. */
const LENGTH_DIGITS = 3;
const BLANK_LINE_BYTES = 4;
const KEPT = headOf("keep-alive");
const CLOSED = headOf("close");

function headOf(connection: string): Buffer {
  const length = "0".repeat(LENGTH_DIGITS);
  const lines = [
    "HTTP/1.1 200 OK",
    "Content-Type: text/plain",
    `Connection: ${connection}`,
    `Content-Length: ${length}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Returns where the body begins; what is written from there to `endResponse` is the body. */
export function beginResponse(out: ByteWriter, keepAlive: boolean): number {
  const head = keepAlive ? KEPT : CLOSED;
  out.copy(head, head.length);
  return out.length;
}

/** Fills in the body's length. The answer to HEAD says it, and has no body. */
export function endResponse(out: ByteWriter, bodyAt: number, isHead: boolean): void {
  const length = out.length - bodyAt;
  const at = bodyAt - BLANK_LINE_BYTES - LENGTH_DIGITS;
  if (isHead) out.length = bodyAt;
  if (length < 100 || length > 999) return out.splice(at, LENGTH_DIGITS, Buffer.from(String(length)));
  out.bytes[at] = 0x30 + Math.trunc(length / 100);
  out.bytes[at + 1] = 0x30 + (Math.trunc(length / 10) % 10);
  out.bytes[at + 2] = 0x30 + (length % 10);
}
