import { encode } from "dns-packet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQuery, isDnsName, readResponse } from "./dns-message.ts";

const QUERY = createQuery({ name: "5.1.77.10.in-addr.arpa", type: "PTR" });
const RESPONSE = encode({
  type: "response",
  id: QUERY.id,
  questions: [{ type: "PTR", name: "5.1.77.10.IN-ADDR.ARPA" }],
  answers: [
    { type: "PTR", name: "5.1.77.10.in-addr.arpa", data: "web1.example", ttl: 60 },
    { type: "LOC", name: "web1.example", data: Buffer.alloc(16), ttl: 60 },
    { type: "TXT", name: "web1.example", data: ["rack=r1", "dc=ams1"], ttl: 60 },
  ],
});

describe("readResponse", () => {
  it("takes the answer to its question, whatever the case of the name", () => {
    expect(readResponse(RESPONSE, QUERY)?.answers).toHaveLength(3);
  });

  it("takes any bytes without breaking, and for an answer only what begins as one", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const head = bytes.length >= 2 && Buffer.from(bytes).readUInt16BE(0) === QUERY.id;
        expect(readResponse(Buffer.from(bytes), QUERY) === undefined || head).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("takes an answer with damaged bytes without breaking or hanging", () => {
    const damage = fc.array(fc.tuple(fc.nat(RESPONSE.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.nat(RESPONSE.length), (changes, length) => {
        const bytes = Buffer.from(RESPONSE);
        for (const [at, value] of changes) bytes[at] = value;
        expect(() => readResponse(bytes.subarray(0, length), QUERY)).not.toThrow();
      }),
      { numRuns: 5000 },
    );
  });
});

describe("isDnsName", () => {
  it.each(["web1.example", "a".repeat(63), `${`${"a".repeat(49)}.`.repeat(5)}abc`])("takes %s", (name) => {
    expect(isDnsName(name)).toBe(true);
  });

  it.each(["", ".", "a..b", "a.", "a".repeat(64), `${"a".repeat(49)}.`.repeat(5) + "abcd", "é".repeat(32)])(
    "refuses %j",
    (name) => {
      expect(isDnsName(name)).toBe(false);
    },
  );
});
