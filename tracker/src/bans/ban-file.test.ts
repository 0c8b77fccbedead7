import { describe, expect, it } from "vitest";
import { parseBanFile } from "./ban-file.ts";

const HASH = "0A".repeat(20);

function faults(text: string): string[] {
  try {
    parseBanFile(text, "bans.txt", 7);
  } catch (error) {
    return (error as Error).message.split("\n  ");
  }
  return [];
}

it("has a ban a line, with or without a reason, and comments", () => {
  const text = `# bans\n\ninfo-hash ${HASH}\r\n cidr 10.1.0.0/16  gone: see #7 # since May\nclient\t-XL00 too slow\n`;
  const bans = [
    { kind: "info-hash", value: HASH.toLowerCase(), reason: "by the operator of this tracker", line: 3 },
    { kind: "cidr", value: "10.1.0.0/16", reason: "gone: see", line: 4 },
    { kind: "client", value: "-XL00", reason: "too slow", line: 5 },
  ];
  expect(parseBanFile(text, "bans.txt", 7)).toEqual(bans.map((ban) => ({ ...ban, bannedAt: 7, source: "file" })));
  expect(parseBanFile("", "bans.txt", 7)).toEqual([]);
});

it("may say the same twice, but not two reasons for one ban", () => {
  expect(parseBanFile("client -XL a\nclient %2DXL a", "bans.txt", 7)).toMatchObject([{ line: 1 }]);
  expect(faults("client -XL a\nclient %2DXL b")).toEqual([
    "bans.txt has a fault; correct the lines listed:",
    'bans.txt:2: "client %2DXL b": is banned on line 1 for another reason; keep one of the two lines',
  ]);
});

describe("is refused whole", () => {
  it("with every fault and its line", () => {
    expect(
      faults(`client -XL\nhost 10.0.0.1\ncidr\ncidr 10.1.0.1/16 x\nclient ${"y".repeat(21)}\ninfo-hash 1234`),
    ).toEqual([
      "bans.txt has 5 faults; correct the lines listed:",
      expect.stringMatching(
        /^bans\.txt:2: "host 10\.0\.0\.1": begins with no kind of ban \(info-hash, cidr, client\); write /,
      ),
      expect.stringMatching(/^bans\.txt:3: "cidr": says not which cidr; write /),
      expect.stringMatching(/^bans\.txt:4: .* has bits set beyond its length 16; write 10\.1\.0\.0\/16, or/),
      expect.stringMatching(/^bans\.txt:5: .* is no start of a peer id; write 1 to 20 bytes/),
      expect.stringMatching(/^bans\.txt:6: .* is no info-hash; write the 40 hex digits/),
    ]);
  });

  it("over a reason that no client could be told", () => {
    expect(faults(`client -XL ${"x".repeat(200)}`)).toEqual([]);
    expect(faults(`client -XL ${"x".repeat(201)}`)[1]).toMatch(/a reason of 201 characters; write at most 200$/);
  });

  it("in a message of bounded length, however many faults it has", () => {
    const lines = faults("what\n".repeat(5000));
    expect(lines).toHaveLength(102);
    expect(lines[101]).toBe("and 4900 more");
  });
});
