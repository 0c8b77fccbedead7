// The lab's files: one folder per process under the system's temporary folder, and the payload and torrent in it.
import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import bencode from "bencode";
import { isAlive } from "./namespaces.ts";

export interface Payload {
  readonly name: string;
  readonly sizeBytes: number;
  readonly pieceLengthBytes: number;
  /** Folder that holds the payload under its name; the origin seeds from it. */
  readonly folder: string;
  readonly torrentFile: string;
  /** 40 lowercase hex digits. */
  readonly infoHash: string;
}

const FOLDER = /^rackcast-netlab-(\d+)-/;
const MIB = 1024 * 1024;
// About a thousand pieces at most, so that a client has something to pass on early.
const PIECE_LENGTHS: readonly (readonly [uptoMiB: number, lengthBytes: number])[] = [
  [128, MIB / 4],
  [512, MIB / 2],
  [Number.POSITIVE_INFINITY, MIB],
];

/** Makes an empty folder for this process; folders of dead processes are removed on the way. */
export async function createWorkspace(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const pid = FOLDER.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `rackcast-netlab-${process.pid}-`));
}

/** Writes random bytes and a private torrent of them, announcing to `announceUrl`. */
export async function createPayload(workspace: string, sizeMiB: number, announceUrl: string): Promise<Payload> {
  const folder = join(workspace, `payload-${sizeMiB}`);
  const name = `release-${sizeMiB}mib.bin`;
  const pieceLengthBytes = PIECE_LENGTHS.find(([upto]) => sizeMiB <= upto)?.[1] ?? MIB;
  await mkdir(folder);
  const pieces = await writeRandom(join(folder, name), sizeMiB, pieceLengthBytes);
  const info = { length: sizeMiB * MIB, name, "piece length": pieceLengthBytes, pieces, private: 1 };
  const torrentFile = join(workspace, `${name}.torrent`);
  await writeFile(torrentFile, bencode.encode({ announce: announceUrl, info }));
  const infoHash = createHash("sha1").update(bencode.encode(info)).digest("hex");
  return { name, sizeBytes: sizeMiB * MIB, pieceLengthBytes, folder, torrentFile, infoHash };
}

async function writeRandom(file: string, sizeMiB: number, pieceLengthBytes: number): Promise<Buffer> {
  const hashes: Buffer[] = [];
  const handle = await open(file, "w");
  for (let written = 0; written < sizeMiB * MIB; written += MIB) {
    const bytes = randomBytes(MIB);
    await handle.write(bytes);
    for (let at = 0; at < MIB; at += pieceLengthBytes) {
      hashes.push(
        createHash("sha1")
          .update(bytes.subarray(at, at + pieceLengthBytes))
          .digest(),
      );
    }
  }
  await handle.close();
  return Buffer.concat(hashes);
}
