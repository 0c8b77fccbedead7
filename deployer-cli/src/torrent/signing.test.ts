import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import bencode from "bencode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { printManifest } from "./manifest.ts";
import { readSigningKey, SIGNATURE_KEY, signTorrent } from "./signing.ts";
import { buildTorrent } from "./torrent-building.ts";
import { readTorrent } from "./torrent-reading.ts";

let folder: string;
let bytes: Uint8Array;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rackcast-signing-"));
  mkdirSync(join(folder, "web-1/line\nend"), { recursive: true });
  writeFileSync(join(folder, "web-1/line\nend/back\\slash"), "one");
  writeFileSync(join(folder, "web-1/plain"), "two");
  ({ bytes } = await buildTorrent({ path: join(folder, "web-1"), announceUrl: "http://t/announce" }));
  openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem");
  openssl("pkey", "-in", "key.pem", "-pubout", "-out", "trust.pem");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

describe("the manifest", () => {
  it("is what sha256sum checks files with, whatever they are called", () => {
    writeFileSync(join(folder, "manifest"), printManifest(readTorrent(bytes, "web-1")));
    const said = execFileSync("sha256sum", ["--check", "--strict", "manifest"], { cwd: folder, encoding: "utf8" });
    expect(said.match(/OK$/gm)).toHaveLength(2);
    writeFileSync(join(folder, "web-1/plain"), "too");
    expect(() => execFileSync("sha256sum", ["--check", "--status", "manifest"], { cwd: folder })).toThrow(/sha256sum/);
  });
});

describe("a signature", () => {
  it("leaves the info-hash as it is, and is what openssl verifies the manifest with", async () => {
    const signed = signTorrent(bytes, "web-1", await readSigningKey(join(folder, "key.pem")));
    const torrent = readTorrent(signed, "web-1");
    expect(torrent).toEqual(readTorrent(bytes, "web-1"));
    writeFileSync(join(folder, "manifest"), printManifest(torrent));
    writeFileSync(join(folder, "sig"), (bencode.decode(signed) as Record<string, Uint8Array>)[SIGNATURE_KEY]!);
    const verify = () =>
      openssl(..."pkeyutl -verify -pubin -inkey trust.pem -rawin -in manifest -sigfile sig".split(" "));
    expect(verify()).toMatch(/Verified Successfully/);
    writeFileSync(join(folder, "manifest"), `${printManifest(torrent)}x`);
    expect(verify).toThrow(/pkeyutl/);
  });

  it("is refused with a key of another type, a public one, and what is no key", async () => {
    openssl("genpkey", "-algorithm", "x25519", "-out", "other.pem");
    for (const file of ["other.pem", "trust.pem", "manifest"]) {
      await expect(readSigningKey(join(folder, file))).rejects.toMatchObject({
        code: "USAGE",
        message: expect.stringMatching(/openssl genpkey -algorithm ed25519/),
      });
    }
  });
});
