import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWaves, planWaves } from "./waves.ts";

function hosts(count: number) {
  return Array.from({ length: count }, (_, index) => ({ name: `h${index}`, address: `10.0.0.${index}` }));
}

function sizes(text: string, count: number): number[] {
  return planWaves(parseWaves(text), hosts(count)).map((wave) => wave.hosts.length);
}

describe("waves", () => {
  it("begin with as many hosts as were asked for, in all", () => {
    expect(sizes("1,10%,100%", 40)).toEqual([1, 3, 36]);
    expect(sizes("1,50%,100%", 12)).toEqual([1, 5, 6]);
    expect(sizes("100%", 3)).toEqual([3]);
  });

  it("round a share up, and leave out a wave that would add nobody", () => {
    expect(sizes("1,10%,100%", 5)).toEqual([1, 4]);
    expect(planWaves(parseWaves("5,10%,100%"), hosts(5))).toMatchObject([{ index: 1, label: "5" }]);
  });

  it("take every host exactly once, in order, whatever the sizes", () => {
    const share = fc.integer({ min: 1, max: 99 }).map((percent) => ({ share: percent / 100 }));
    const count = fc.integer({ min: 1, max: 50 }).map((number) => ({ hosts: number }));
    fc.assert(
      fc.property(fc.array(fc.oneof(share, count)), fc.integer({ min: 1, max: 200 }), (some, total) => {
        const waves = planWaves([...some, { share: 1 }], hosts(total));
        expect(waves.flatMap((wave) => wave.hosts)).toEqual(hosts(total));
        expect(waves.map(({ index }) => index)).toEqual(waves.map((_, at) => at + 1));
        expect(waves.every((wave) => wave.hosts.length > 0)).toBe(true);
      }),
    );
  });

  it.each(["", "1,10%", "50%,10%,100%", "5,5,100%", "0,100%", "1.5,100%", "120%", "all", "100%,100%"])(
    "refuse %j",
    (text) => {
      expect(() => parseWaves(text)).toThrow(/such as 1,10%,100%/);
    },
  );
});
