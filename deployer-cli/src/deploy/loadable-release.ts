// What drivers bring to hosts, read back from the tracker: hosts get what is registered, byte for byte.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import bencode from "bencode";
import type { Transfer } from "../api/resources.ts";
import type { TrackerClient } from "../api/tracker-client.ts";
import type { LoadableRelease } from "../distribution/driver.ts";
import { readTorrent } from "../torrent/torrent-reading.ts";
import { printManifest } from "../torrent/manifest.ts";
import { SIGNATURE_KEY } from "../torrent/signing.ts";

/** Writes torrent, manifest and signature into the folder. Throws `TORRENT_MALFORMED` for a torrent without SHA-256. */
export async function fetchRelease(
  client: TrackerClient,
  { infoHash, name, series, lengthBytes }: Transfer,
  folder: string,
): Promise<LoadableRelease> {
  const bytes = await client.torrent(infoHash);
  const torrentFile = join(folder, `${name}.torrent`);
  const manifestFile = join(folder, "manifest");
  await writeFile(torrentFile, bytes);
  await writeFile(manifestFile, printManifest(readTorrent(bytes, name)));
  const signature = (bencode.decode(bytes) as Record<string, unknown>)[SIGNATURE_KEY];
  const signatureFile = signature instanceof Uint8Array ? join(folder, "manifest.sig") : undefined;
  if (signatureFile !== undefined) await writeFile(signatureFile, signature as Uint8Array);
  return { infoHash, name, series, lengthBytes, torrentFile, manifestFile, signatureFile };
}
