// The options that may follow a UDP announce (BEP 41): the path and query of the URL that the client was given.

const END_OF_OPTIONS = 0;
const NOP = 1;
const URL_DATA = 2;

export interface UdpOptions {
  /** Path and query, one latin1 character a byte; `""` when the client sent none. */
  readonly url: string;
}

/** Whether all options from `from` to `to` are within the packet; those it does not know are skipped. */
export function areUdpOptions(bytes: Buffer, from: number, to: number): boolean {
  return walk(bytes, from, to, () => {});
}

/** Undefined when an option is longer than the packet. */
export function readUdpOptions(bytes: Buffer, from: number, to: number): UdpOptions | undefined {
  let url = "";
  const areWhole = walk(bytes, from, to, (at, end) => (url += bytes.toString("latin1", at, end)));
  return areWhole ? { url } : undefined;
}

function walk(bytes: Buffer, from: number, to: number, takeUrl: (at: number, end: number) => void): boolean {
  let at = from;
  while (at < to) {
    const type = bytes[at++];
    if (type === END_OF_OPTIONS) break;
    if (type === NOP) continue;
    const end = at + 1 + (bytes[at] ?? Number.POSITIVE_INFINITY);
    if (at >= to || end > to) return false;
    if (type === URL_DATA) takeUrl(at + 1, end);
    at = end;
  }
  return true;
}
