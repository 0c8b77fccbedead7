import { describe, expect, it } from "vitest";
import type { Transfer, TransferState } from "./resources.ts";
import { chooseTransfer } from "./transfer-lookup.ts";

function transfer(name: string, digit: string, state: TransferState = "active"): Transfer {
  const never = { activatedAt: null, deactivatedAt: null, firstStartedAt: null, lastStartedAt: null };
  const counts = { seeders: 0, leechers: 0, completions: 0, progress: 0 };
  return {
    infoHash: `${digit}bcd${"0".repeat(36)}`,
    name,
    series: name,
    state,
    lengthBytes: 1,
    pieceLengthBytes: 65536,
    fileCount: 1,
    origins: [],
    targets: [],
    registeredAt: "2026-01-01T00:00:00.000Z",
    firstCompletedAt: null,
    lastCompletedAt: null,
    ...never,
    ...counts,
  };
}

const [web, api, old] = [transfer("web-1.2", "a"), transfer("api-1.2", "b"), transfer("web-1.2", "c", "inactive")];
const all = [old, web, api];

describe("finding the transfer that is meant", () => {
  it("takes a name, and of transfers that share it the one that is not inactive", () => {
    expect(chooseTransfer(all, "web-1.2")).toBe(web);
    expect(chooseTransfer([old], "web-1.2")).toBe(old);
  });

  it("takes an info-hash or its first digits in either case", () => {
    expect(chooseTransfer(all, api.infoHash)).toBe(api);
    expect(chooseTransfer(all, "CBCD")).toBe(old);
  });

  it("prefers a name over the info-hash that starts with it", () => {
    const named = transfer("abcd", "d");
    expect(chooseTransfer([...all, named], "abcd")).toBe(named);
  });

  it("suggests the nearest names for an unknown one, and the list when none is near", () => {
    const near = expect.objectContaining({
      code: "TRANSFER_UNKNOWN",
      message: expect.stringMatching(/Did you mean web-1\.2/),
    });
    expect(() => chooseTransfer(all, "wbe-1.2")).toThrow(near);
    expect(() => chooseTransfer(all, "web")).toThrow(near);
    const far = expect.objectContaining({ code: "TRANSFER_UNKNOWN", message: expect.stringMatching(/rackcast list/) });
    expect(() => chooseTransfer(all, "database")).toThrow(far);
    expect(() => chooseTransfer(all, "abc")).toThrow(far);
  });

  it("lists the candidates of a prefix or name that several have", () => {
    const twin = { ...api, infoHash: `bbcd${"1".repeat(36)}` };
    const message = expect.stringMatching(new RegExp(`${api.infoHash}.*${twin.infoHash}`));
    for (const wanted of ["bbcd", "api-1.2"]) {
      const given =
        wanted === "bbcd" ? [api, { ...twin, name: "other" }] : [api, { ...twin, state: "registered" as const }];
      expect(() => chooseTransfer(given, wanted)).toThrow(
        expect.objectContaining({ code: "TRANSFER_AMBIGUOUS", message }),
      );
    }
  });
});
