import fc from "fast-check";
import { expect, it } from "vitest";
import { MessageRate } from "./message-rate.ts";

it("never lets more through than the burst and what the time since has earned", () => {
  const limit = { perSecond: 10, burst: 40 };
  const steps = fc.array(fc.record({ afterMs: fc.nat(2000), tokens: fc.integer({ min: 1, max: 15 }) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (asked) => {
      const rate = new MessageRate(limit.burst, 0);
      let [nowMs, taken] = [0, 0];
      for (const { afterMs, tokens } of asked) {
        nowMs += afterMs;
        if (rate.take(tokens, limit, nowMs)) taken += tokens;
      }
      expect(taken).toBeLessThanOrEqual(limit.burst + (limit.perSecond * nowMs) / 1000 + 1e-6);
    }),
  );
});

it("lets those through that keep to it", () => {
  const rate = new MessageRate(4, 0);
  for (let second = 1; second < 100; second++)
    expect(rate.take(1, { perSecond: 1, burst: 4 }, second * 1000)).toBe(true);
});
