// The SHA-1 of every piece, by create-torrent over one stream of the payload's bytes.
import { Readable } from "node:stream";
import bencode from "bencode";
import createTorrent from "create-torrent";

export interface PieceHashing {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly pieceLengthBytes: number;
  onProgress?(hashedBytes: number): void;
}

/** The `pieces` string of BEP 3: 20 bytes for each piece. Rejects with what the chunks throw. */
export async function hashPieces(hashing: PieceHashing): Promise<Uint8Array> {
  const torrent = await new Promise<Uint8Array>((resolve, reject) => {
    const options = {
      name: "payload",
      pieceLength: hashing.pieceLengthBytes,
      // Without one, create-torrent names public trackers.
      announceList: [],
      filterJunkFiles: false,
      onProgress: (hashedBytes: number) => hashing.onProgress?.(hashedBytes),
    };
    const input = Object.assign(Readable.from(hashing.chunks), { name: options.name });
    createTorrent(input, options, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  });
  return piecesOf(torrent);
}

function piecesOf(torrent: Uint8Array): Uint8Array {
  const { info } = bencode.decode(torrent) as { info: { pieces: Uint8Array } };
  return info.pieces;
}
