import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "./byte-writer.ts";

const bytes = fc.uint8Array({ maxLength: 40 });

describe("ByteWriter", () => {
  it("holds what was written in order, however often it has to grow", () => {
    const piece = fc.oneof(
      bytes.map((source) => ({ text: latin1(source), write: (out: ByteWriter) => out.constant(source) })),
      bytes.map((source) => ({ text: latin1(source), write: (out: ByteWriter) => out.copy(source, source.length) })),
      bytes.map((source) => ({ text: latin1(source), write: (out: ByteWriter) => out.latin1(latin1(source)) })),
      fc.maxSafeNat().map((value) => ({ text: `${value}`, write: (out: ByteWriter) => out.natural(value) })),
      fc.nat(20_000).map((value) => ({ text: `${value}`, write: (out: ByteWriter) => out.natural(value) })),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.nat(50), (pieces, capacity) => {
        const out = new ByteWriter(capacity);
        for (const { write } of pieces) write(out);
        expect(latin1(out.view())).toBe(pieces.map(({ text }) => text).join(""));
      }),
    );
  });

  it("replaces bytes in the middle by more, fewer or as many", () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (before, replaced, after, source) => {
        const out = new ByteWriter(0);
        for (const part of [before, replaced, after]) out.copy(part, part.length);
        out.splice(before.length, replaced.length, source);
        expect(latin1(out.view())).toBe(latin1(before) + latin1(source) + latin1(after));
      }),
    );
  });

  it("leaves its memory alone once it is renewed, and uses it again when it is cleared", () => {
    const out = new ByteWriter();
    out.latin1("one");
    const left = out.view();
    out.renew();
    out.latin1("two");
    expect(latin1(left)).toBe("one");
    out.clear();
    expect(out.length).toBe(0);
  });
});

function latin1(source: Uint8Array): string {
  return Buffer.from(source).toString("latin1");
}
