import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LiveHash,
  MAX_HASHES_PER_REQUEST,
  parseLiveRequest,
  peerOfProof,
  printLiveDone,
  printLiveEvent,
  printLiveRefusal,
} from "./live-message.ts";

const A = "a".repeat(64) as LiveHash;
const id = fc.stringMatching(/^[0-9a-f]{64}$/);
const action = fc.constantFrom("announce", "unannounce", "subscribe", "unsubscribe");
const messageID = fc.string({ minLength: 1, maxLength: 128 });

describe("a proof", () => {
  it("is 64 lowercase letters or digits, and its peer is their SHA-256", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]{64}$/), (proof) => {
        expect(peerOfProof(proof)).toBe(createHash("sha256").update(proof).digest("hex"));
      }),
    );
  });

  it.each(["", "a".repeat(63), "a".repeat(65), "A".repeat(64), `${"a".repeat(63)}é`, `${"a".repeat(64)}\n`, "{}"])(
    "is not %j",
    (text) => expect(peerOfProof(text)).toBeUndefined(),
  );
});

describe("a request", () => {
  it("is read with any message id, action and info-hashes, under either name", () => {
    const name = fc.constantFrom("infoHashes", "info_hashes");
    const hashes = fc.array(id, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(messageID, action, hashes, name, (messageId, wanted, infoHashes, field) => {
        const text = JSON.stringify({ messageID: messageId, action: wanted, [field]: infoHashes, more: 1 });
        expect(parseLiveRequest(text)).toEqual({ kind: "request", messageId, action: wanted, infoHashes });
      }),
    );
  });

  it("may write its hashes in capitals, and is told of them in lower case", () => {
    const text = JSON.stringify({ messageID: "1", action: "announce", infoHashes: [A.toUpperCase()] });
    expect(parseLiveRequest(text)).toMatchObject({ infoHashes: [A] });
  });

  const sound = { messageID: "m", action: "announce", infoHashes: [A] };
  it.each([
    ["json", "{"],
    ["json", "null"],
    ["json", "[]"],
    ["json", '"announce"'],
    ["message-id", JSON.stringify({ ...sound, messageID: undefined })],
    ["message-id", JSON.stringify({ ...sound, messageID: 7 })],
    ["message-id", JSON.stringify({ ...sound, messageID: "" })],
    ["message-id", JSON.stringify({ ...sound, messageID: "x".repeat(129) })],
    ["action", JSON.stringify({ ...sound, action: "anounce" })],
    ["action", JSON.stringify({ ...sound, action: "toString" })],
    ["info-hashes", JSON.stringify({ ...sound, infoHashes: A })],
    ["info-hashes", JSON.stringify({ ...sound, infoHashes: [] })],
    ["info-hashes", JSON.stringify({ ...sound, infoHashes: [A, 1] })],
    ["info-hashes", JSON.stringify({ ...sound, infoHashes: [A.slice(1)] })],
    ["info-hashes", JSON.stringify({ ...sound, infoHashes: { length: 1, 0: A } })],
    ["too-many-hashes", JSON.stringify({ ...sound, infoHashes: Array(MAX_HASHES_PER_REQUEST + 1).fill(A) })],
  ])("is refused for its %s: %.60s", (fault, text) => {
    const messageId = text.includes('"messageID":"m"') ? "m" : undefined;
    expect(parseLiveRequest(text)).toMatchObject({ kind: "fault", fault, messageId });
  });

  it("never throws, whatever the text", () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary", maxLength: 200 }));
    fc.assert(fc.property(text, (any) => void parseLiveRequest(any)));
  });
});

it("an event, an acknowledgement and a refusal are JSON of the seed's shape", () => {
  fc.assert(
    fc.property(id, id, messageID, fc.string(), (peer, infoHash, messageId, reason) => {
      const event = { action: "announce", peer, infoHash } as Parameters<typeof printLiveEvent>[0];
      expect(JSON.parse(printLiveEvent(event))).toEqual({ action: "announce", peer, info_hash: infoHash });
      const done = { messageID: messageId, action: "subscribe", status: "ok" };
      expect(JSON.parse(printLiveDone(messageId, "subscribe"))).toEqual(done);
      expect(JSON.parse(printLiveRefusal(messageId, reason))).toEqual({
        messageID: messageId,
        status: "error",
        reason,
      });
      expect(JSON.parse(printLiveRefusal(undefined, reason))).toMatchObject({ messageID: null });
    }),
  );
});
