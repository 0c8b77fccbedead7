// Signs what a release should be: Ed25519 over the manifest, kept in the .torrent beside what the info-hash is made of.
import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import bencode, { type Encodable } from "bencode";
import { CommandError } from "../errors.ts";
import { unreadable } from "./payload.ts";
import { readTorrent } from "./torrent-reading.ts";
import { printManifest } from "./manifest.ts";

export const SIGNATURE_KEY = "rackcast signature";
const REMEDY = "make one with: openssl genpkey -algorithm ed25519 -out key.pem";

/** Throws `USAGE` when the file is no private Ed25519 key in PEM (PKCS#8). */
export async function readSigningKey(file: string): Promise<KeyObject> {
  const pem = await readFile(file).catch((cause) => Promise.reject(unreadable(file, cause)));
  const key = parseKey(file, pem);
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new CommandError("USAGE", `${file} is a key of type ${key.asymmetricKeyType}, not Ed25519; ${REMEDY}`);
}

function parseKey(file: string, pem: Buffer): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new CommandError("USAGE", `${file} is no private key without a passphrase in PEM; ${REMEDY}`, { cause });
  }
}

/** The same torrent with a signature of its manifest: 64 bytes under `rackcast signature`, outside the info dictionary. */
export function signTorrent(bytes: Uint8Array, source: string, key: KeyObject): Uint8Array {
  const signature = sign(null, Buffer.from(printManifest(readTorrent(bytes, source))), key);
  return bencode.encode({ ...(bencode.decode(bytes) as Record<string, Encodable>), [SIGNATURE_KEY]: signature });
}
