import oracle from "bencode";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BencodeValue, decodeBencode, type Encodable, encodeBencode, isDictionary, isList } from "./bencode.ts";
import { WireError } from "./errors.ts";

/** Keys without surrogates: the oracle sorts keys by UTF-16 units, which is the order of their bytes only there. */
const key = fc.string({
  maxLength: 8,
  unit: fc.integer({ max: 0xd7ff, min: 0 }).map((unit) => String.fromCharCode(unit)),
});

const encodable = fc.letrec<{ value: Encodable }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.uint8Array(),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

const text = (latin1: string) => Buffer.from(latin1, "latin1");

/** The decoded value in the encoder's terms, so that the two can be held against each other. */
function encodableOf(value: BencodeValue): Encodable {
  if (isDictionary(value)) {
    const entries = [...value.fields].map(([key, field]) => [text(key).toString("utf8"), encodableOf(field)] as const);
    return Object.fromEntries(entries) as Encodable;
  }
  return isList(value) ? value.map(encodableOf) : value;
}

describe("bencode", () => {
  it("encodes what the bencode package encodes", () => {
    fc.assert(
      fc.property(encodable, (value) => {
        expect(encodeBencode(value)).toEqual(Buffer.from(oracle.encode(value as never)));
      }),
    );
  });

  it("decodes what it encoded to what it was", () => {
    fc.assert(
      fc.property(encodable, (value) => {
        const bytes = encodeBencode(value);
        expect(encodeBencode(encodableOf(decodeBencode(bytes)))).toEqual(bytes);
      }),
    );
  });

  it("decodes what the bencode package encoded", () => {
    fc.assert(
      fc.property(encodable, (value) => {
        const bytes = Buffer.from(oracle.encode(value as never));
        expect(encodeBencode(encodableOf(decodeBencode(bytes)))).toEqual(bytes);
      }),
    );
  });

  it("sorts keys by their bytes", () => {
    const value = { "\u{10000}": 1, "\uffee": 2 };
    expect(encodeBencode(value).toString("utf8")).toBe("d3:\uffeei2e4:\u{10000}i1ee");
  });

  it("writes text as UTF-8 and counts its bytes", () => {
    expect(encodeBencode("grün ✓").toString("utf8")).toBe("9:grün ✓");
  });

  it("keeps integers that a number cannot hold exactly", () => {
    expect(decodeBencode(text("i18446744073709551615e"))).toBe(18446744073709551615n);
    expect(decodeBencode(text("i-9007199254740993e"))).toBe(-9007199254740993n);
  });

  it("tells where a dictionary's own bytes begin and end", () => {
    const root = decodeBencode(text("d1:ad1:bi1eee"));
    const inner = isDictionary(root) ? root.fields.get("a") : undefined;
    expect(inner).toMatchObject({ start: 4, end: 12 });
  });

  it.each([
    ["", 0, "ends in the middle"],
    ["i01e", 1, "leading zero"],
    ["i-0e", 1, "leading zero"],
    ["ie", 1, "not an integer"],
    ["i-e", 1, "not an integer"],
    ["i1", 2, "without its end"],
    ["i+1e", 1, "not an integer"],
    ["01:a", 0, "leading zero"],
    ["3:ab", 0, "longer than what is left"],
    ["99999999999999999999:a", 0, "longer than what is left"],
    ["3ab", 1, "colon"],
    ["-1:a", 0, "expected a string"],
    ["li1e", 4, "ends in the middle"],
    ["d1:bi1e1:ai2ee", 7, '"a" comes after "b"'],
    ["d1:ai1e1:ai2ee", 7, '"a" appears twice'],
    ["di1ei2ee", 1, "expected a string"],
    ["i1ei2e", 3, "more bytes follow"],
  ])("refuses %j at byte %i", (input, offset, why) => {
    expect(() => decodeBencode(text(input))).toThrow(
      expect.objectContaining({ code: "BENCODE_INVALID", message: expect.stringContaining(`at byte ${offset}:`) }),
    );
    expect(() => decodeBencode(text(input))).toThrow(why);
  });

  it("bounds depth, size and number of values", () => {
    const limits = { maxBytes: 20, maxDepth: 3, maxValues: 4 };
    expect(() => decodeBencode(text("llllleeeee"), limits)).toThrow("nested deeper than 3");
    expect(() => decodeBencode(text("li1ei1ei1ei1ee"), limits)).toThrow("more than 4 values");
    expect(() => decodeBencode(text(`20:${"a".repeat(20)}`), limits)).toThrow("larger than 20 bytes");
    expect(decodeBencode(text("llleee"), limits)).toEqual([[[]]]);
    expect(() => decodeBencode(Buffer.alloc(1_000_000, "l"))).toThrow("nested deeper");
  });

  it("throws nothing but WireError, whatever it is fed", () => {
    const nearlyBencode = fc.tuple(encodable, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
      const bytes = encodeBencode(value);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearlyBencode), (bytes) => {
        try {
          decodeBencode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
