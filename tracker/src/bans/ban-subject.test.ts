import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BanKind } from "./ban.ts";
import { bitPrefixOf, parseBanSubject } from "./ban-subject.ts";

const read = (kind: BanKind, text: string) => parseBanSubject(kind, text, "field");

it("has one way to write each subject", () => {
  expect(read("info-hash", "AB".repeat(20)).value).toBe("ab".repeat(20));
  expect(read("cidr", "10.0.0.5").value).toBe("10.0.0.5/32");
  expect(read("cidr", "2001:0DB8::/32").value).toBe("2001:db8::/32");
  expect(read("cidr", "::ffff:10.0.0.0/104").value).toBe("10.0.0.0/8");
  expect(read("client", "-XL").value).toBe("-XL");
  expect(read("client", "%2dX%4C%0A%25").value).toBe("-XL%0a%25");
});

it("every start of a peer id is written as text that reads back as its bytes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 20 }), (codes) => {
      const encoded = codes.map((code) => `%${code.toString(16).padStart(2, "0")}`).join("");
      const subject = read("client", encoded);
      expect(read("client", subject.value)).toEqual(subject);
      expect(bitPrefixOf(subject)).toEqual({ bytes: String.fromCharCode(...codes), bits: codes.length * 8 });
    }),
  );
});

it("every range is written as text that reads back as its bytes", () => {
  const range = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
  fc.assert(
    fc.property(range, ([address, length]) => {
      const codes = address
        .split(".")
        .map((octet, at) => Number(octet) & (0xff00 >> Math.min(8, Math.max(0, length - at * 8))));
      const subject = read("cidr", `${codes.join(".")}/${length}`);
      expect(bitPrefixOf(subject)).toEqual({ bytes: String.fromCharCode(...codes), bits: length });
      expect(read("cidr", subject.value)).toEqual(subject);
    }),
  );
  const v6 = bitPrefixOf(read("cidr", "2001:db8:80::/41"));
  expect(v6).toEqual({ bytes: `\x20\x01\x0d\xb8\0\x80${"\0".repeat(10)}`, bits: 41 });
});

describe("text that is no subject is refused with the field, what is wrong and what is right:", () => {
  it.each<[BanKind, string, RegExp]>([
    ["info-hash", "ab", /^field: "ab" is no info-hash; write the 40 hex digits/],
    ["info-hash", "zz".repeat(20), /40 hex digits/],
    ["cidr", "10.1.2.3/8", /has bits set beyond its length 8; write 10\.0\.0\.0\/8, or 10\.1\.2\.3 for one host\.$/],
    ["cidr", "10.0.0.0/33", /prefix length from 0 to 32/],
    ["cidr", "rack1", /is not a prefix; write a prefix such as/],
    ["client", "", /"" is no start of a peer id; write 1 to 20 bytes/],
    ["client", "-XL 1", /is no start of a peer id/],
    ["client", "é", /is no start of a peer id/],
    ["client", "100%", /is no start of a peer id.*% as %25/],
    ["client", "x".repeat(21), /write 1 to 20 bytes/],
  ])("%s %j", (kind, text, message) => {
    expect(() => read(kind, text)).toThrow(
      expect.objectContaining({ code: "BAN_MALFORMED", message: expect.stringMatching(message) }),
    );
  });
});
