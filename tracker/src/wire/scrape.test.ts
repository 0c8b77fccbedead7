import oracle from "bencode";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InfoHash } from "../swarm/identifiers.ts";
import { decodeBencode, isDictionary } from "./bencode.ts";
import { WireError } from "./errors.ts";
import { parseScrapeQuery } from "./scrape-query.ts";
import { printScrapeReply } from "./scrape-reply.ts";

const infoHash = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString("hex") as InfoHash);
const parameter = (hash: string) => `info_hash=${hash.replaceAll(/../g, "%$&")}`;

describe("a scrape", () => {
  it("asks for each torrent it names, in order", () => {
    fc.assert(
      fc.property(fc.array(infoHash, { minLength: 1, maxLength: 70 }), (hashes) => {
        expect(parseScrapeQuery(hashes.map(parameter).join("&"))).toEqual(hashes);
      }),
    );
  });

  it("of all torrents is refused, naming info_hash", () => {
    expect(() => parseScrapeQuery("")).toThrow(/^info_hash is missing; a scrape of all torrents is not served/);
    expect(() => parseScrapeQuery("x=1")).toThrow(WireError);
  });

  it("with a malformed info_hash is refused", () => {
    expect(() => parseScrapeQuery("info_hash=abc")).toThrow(/^info_hash has 3 bytes/);
  });

  it("throws nothing but WireError, whatever it is fed", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.string().map((text) => `info_hash=${text}`),
        ),
        (query) => {
          try {
            parseScrapeQuery(query);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
          }
        },
      ),
    );
  });

  it("is answered with the counts of each torrent and when to ask again", () => {
    const count = fc.record({ complete: fc.nat(), incomplete: fc.nat(), completions: fc.nat() });
    fc.assert(
      fc.property(fc.array(fc.tuple(infoHash, count), { maxLength: 20 }), fc.nat(), (entries, seconds) => {
        const counts = new Map(entries);
        const root = decodeBencode(printScrapeReply(counts, seconds));
        const files = isDictionary(root) ? root.fields.get("files") : undefined;
        const said = isDictionary(files) ? [...files.fields] : [];
        const read = said.map(([hash, file]) => {
          const fields = isDictionary(file) ? Object.fromEntries(file.fields) : {};
          const { complete, incomplete, downloaded: completions } = fields;
          return [Buffer.from(hash, "latin1").toString("hex"), { complete, incomplete, completions }] as const;
        });
        expect(new Map(read)).toEqual(counts);
        const flags = (oracle.decode(printScrapeReply(counts, seconds)) as unknown as { flags: unknown }).flags;
        expect(flags).toEqual({ min_request_interval: seconds });
      }),
    );
  });
});
