import { describe, expect, it } from "vitest";
import type { Transfer } from "../api/resources.ts";
import { activeReleases, isOvertaken, outdatedReleases, previousRelease } from "./release-history.ts";

/** `web-2 active 5`: registered by its version, activated at the minute. */
function transfer(text: string): Transfer {
  const [name = "", state, minute] = text.split(" ");
  const [series = "", version = "0"] = name.split("-");
  const activatedAt = minute === undefined ? null : at(minute);
  return { name, series, state, infoHash: text, registeredAt: at(version), activatedAt } as Transfer;
}

function at(minute: string): string {
  return `2026-11-26T00:${minute.padStart(2, "0")}:00.000Z`;
}

function names(transfers: readonly Transfer[]): string[] {
  return transfers.map(({ name }) => name);
}

const FOUR = ["web-1 active 1", "web-2 active 9", "web-3 active 3", "web-4 inactive 4", "api-1 active 5"].map(transfer);
const [one, two, three, four] = FOUR as [Transfer, Transfer, Transfer, Transfer];

describe("the releases of a series", () => {
  it("are current by their last activation, not by their registration", () => {
    expect(names(activeReleases(FOUR, "web"))).toEqual(["web-2", "web-3", "web-1"]);
    expect([one, two, three].map((release) => isOvertaken(FOUR, release))).toEqual([true, false, true]);
  });

  it("go back to the last one registered before that is active, also from one that is not", () => {
    expect(previousRelease(FOUR, three).name).toBe("web-2");
    expect(previousRelease(FOUR, four).name).toBe("web-3");
  });

  it("have nothing to go back to from the first, and say what there is", () => {
    expect(() => previousRelease(FOUR, one)).toThrow(
      expect.objectContaining({ code: "ROLLBACK_IMPOSSIBLE", message: expect.stringMatching(/web-2 \(active\)/) }),
    );
  });

  it("are outdated beyond the newest active ones, the current one never", () => {
    expect(names(outdatedReleases(FOUR, "web", 2))).toEqual(["web-1", "web-4"]);
    expect(names(outdatedReleases(FOUR, "web", 1))).toEqual(["web-1", "web-3", "web-4"]);
  });

  it("are not outdated while they wait to be activated, or when their name is in use again", () => {
    const again = [...FOUR, transfer("web-5 registered"), transfer("web-4 active 12")];
    expect(names(outdatedReleases(again, "web", 3))).toEqual(["web-1"]);
  });
});
