// The trackers that a .torrent names (BEP 3, 12), and the announce key in their URLs.
import { type BencodeValue, decodeFieldsBefore, isList, printBytes } from "./bencode.ts";

/** Up to the end of the path. */
const TAKES_KEY = /^(?:https?|udp|wss?):\/\/[^/?#]+(?:\/[^?#]*)?\/announce(?=\?|$)/i;

/**
 * The same .torrent with the key at the end of the path of every announce URL whose path ends in `/announce`; undefined when none does. All
 * other bytes stay, and with them info-hash and signature.
 */
export function withAnnounceKey(torrent: Uint8Array, key: string): Buffer | undefined {
  const bytes = Buffer.from(torrent.buffer, torrent.byteOffset, torrent.byteLength);
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const url of announceUrls(bytes)) {
    const text = Buffer.from(url).toString("latin1");
    if (!TAKES_KEY.test(text)) continue;
    const end = url.byteOffset - bytes.byteOffset + url.length;
    pieces.push(bytes.subarray(at, end - printBytes(text).length));
    pieces.push(Buffer.from(printBytes(text.replace(TAKES_KEY, `$&/${key}`)), "latin1"));
    at = end;
  }
  return at === 0 ? undefined : Buffer.concat([...pieces, bytes.subarray(at)]);
}

/** In the order in which they stand there. */
function announceUrls(torrent: Buffer): Uint8Array[] {
  const fields = decodeFieldsBefore(torrent, "info");
  return [fields.get("announce"), fields.get("announce-list")].flatMap(stringsIn);
}

function stringsIn(value: BencodeValue | undefined): Uint8Array[] {
  if (value instanceof Uint8Array) return [value];
  return isList(value) ? value.flatMap(stringsIn) : [];
}
