// What hosts check a release by: its manifest and the manifest's signature, out of its .torrent.
import { transferUnknown } from "../registry/errors.ts";
import type { Transfer, TransferRegistry } from "../registry/transfer-registry.ts";
import { printManifest } from "../wire/manifest.ts";
import { parseTorrentFile } from "../wire/torrent-file.ts";

export interface ReleaseFiles {
  /** Undefined for a torrent without the SHA-256 of all its files. */
  readonly manifest: Buffer | undefined;
  /** Undefined for an unsigned release. */
  readonly signature: Buffer | undefined;
}

export type ReadReleaseFiles = (transfer: Transfer) => Promise<ReleaseFiles>;

/** Those that hosts ask for in one deploy; the largest are some 20 MB each. */
const REMEMBERED = 4;

/** Ten thousand hosts ask for the same files at once, and to read a hundred thousand lines takes a while: it is done once. */
export function createReleaseFiles(registry: Pick<TransferRegistry, "torrent">): ReadReleaseFiles {
  const remembered = new Map<string, Promise<ReleaseFiles>>();

  async function read({ infoHash }: Transfer): Promise<ReleaseFiles> {
    const bytes = await registry.torrent(infoHash);
    if (bytes === undefined) throw transferUnknown(infoHash);
    const torrent = parseTorrentFile(bytes);
    const manifest = printManifest(torrent);
    return {
      manifest: manifest === undefined ? undefined : Buffer.from(manifest),
      // A copy: what is remembered must not keep the whole .torrent.
      signature: torrent.signature && Buffer.from(torrent.signature),
    };
  }

  function remember(key: string, files: Promise<ReleaseFiles>): Promise<ReleaseFiles> {
    remembered.delete(key);
    remembered.set(key, files);
    for (const oldest of remembered.keys()) if (remembered.size > REMEMBERED) remembered.delete(oldest);
    return files;
  }

  return async (transfer) => {
    // Only between two activations can another .torrent of the info-hash take the first one's place, signed otherwise.
    if (transfer.state !== "active") return read(transfer);
    const key = `${transfer.infoHash} ${transfer.activatedAt}`;
    const files = remember(key, remembered.get(key) ?? read(transfer));
    files.catch(() => remembered.delete(key));
    return files;
  };
}
