// The packets of the UDP tracker protocol (BEP 15): where their fields stand, and how large they may be.

export const UDP_CONNECT = 0;
export const UDP_ANNOUNCE = 1;
export const UDP_SCRAPE = 2;
const UDP_ERROR = 3;

export const CONNECT_BYTES = 16;
export const ANNOUNCE_BYTES = 98;
export const SCRAPE_HEAD_BYTES = 16;
export const MAX_SCRAPED = 74;
export const ANNOUNCE_REPLY_HEAD_BYTES = 20;
export const ERROR_HEAD_BYTES = 8;
/** More than any request has; what is longer is cut to it. */
export const MAX_REQUEST_BYTES = 1600;
/** Of an Ethernet frame's 1500 bytes, what the headers of UDP and IPv4 or IPv6 leave. */
export const MAX_REPLY_BYTES_V4 = 1472;
export const MAX_REPLY_BYTES_V6 = 1452;

/** Offsets in every request. */
export const REQUEST = { connectionId: 0, action: 8, transaction: 12 } as const;
/** Offsets in an announce. */
export const ANNOUNCE = {
  infoHash: 16,
  peerId: 36,
  downloaded: 56,
  left: 64,
  uploaded: 72,
  event: 80,
  key: 88,
  numwant: 92,
  port: 96,
} as const;

/** What stands in place of a connection id in a connect request. */
const MAGIC_HIGH = 0x417;
const MAGIC_LOW = 0x27101980;

/** Memory and where in it a packet begins. */
export interface PacketMemory {
  readonly bytes: Buffer;
  /** Of the same memory; faster than `bytes` for numbers. */
  readonly view: DataView;
}

export function packetMemory(size: number): PacketMemory {
  const bytes = Buffer.allocUnsafeSlow(size).fill(0);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) };
}

export function isConnect(view: DataView, at: number): boolean {
  return view.getInt32(at) === MAGIC_HIGH && view.getInt32(at + 4) === MAGIC_LOW;
}

/** Each of these prints a reply at `at`, and gives its length in bytes. */
export function printConnectReply(view: DataView, at: number, reply: ConnectReply): number {
  view.setInt32(at, UDP_CONNECT);
  view.setInt32(at + 4, reply.transaction);
  view.setInt32(at + 8, reply.high);
  view.setInt32(at + 12, reply.low);
  return CONNECT_BYTES;
}

export interface ConnectReply {
  readonly transaction: number;
  /** The halves of the connection id. */
  readonly high: number;
  readonly low: number;
}

/** As much of the text as fits into `room` bytes. */
export function printError({ bytes, view }: PacketMemory, at: number, error: ErrorReply): number {
  view.setInt32(at, UDP_ERROR);
  view.setInt32(at + 4, error.transaction);
  return ERROR_HEAD_BYTES + bytes.write(error.text, at + ERROR_HEAD_BYTES, error.room - ERROR_HEAD_BYTES, "utf8");
}

export interface ErrorReply {
  readonly transaction: number;
  readonly text: string;
  readonly room: number;
}
