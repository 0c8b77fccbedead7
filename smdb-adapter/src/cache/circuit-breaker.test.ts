import { describe, expect, it } from "vitest";
import { type BreakerState, createCircuitBreaker } from "./circuit-breaker.ts";

function setup() {
  const clock = { ms: 1_000 };
  const changes: BreakerState[] = [];
  const breaker = createCircuitBreaker({ now: () => clock.ms, onChange: (state) => changes.push(state) });
  const fail = (times: number) => {
    for (let time = 0; time < times; time++) breaker.failed();
  };
  return { breaker, changes, fail, pass: (seconds: number) => void (clock.ms += seconds * 1000) };
}

describe("circuit breaker", () => {
  it("stays closed while no five fail one after another", () => {
    const { breaker, changes, fail } = setup();
    for (let round = 0; round < 10; round++) {
      fail(4);
      breaker.succeeded();
    }
    expect(breaker.admits()).toBe(true);
    expect(changes).toEqual([]);
  });

  it("opens at the fifth failure and lets nobody out for five seconds, then one as a probe", () => {
    const { breaker, fail, pass } = setup();
    fail(5);
    expect(breaker.admits()).toBe(false);
    pass(4.9);
    expect(breaker.admits()).toBe(false);
    pass(0.2);
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    expect(breaker.state).toBe("half-open");
  });

  it("closes when the probe succeeds, and needs five failures again", () => {
    const { breaker, changes, fail, pass } = setup();
    fail(5);
    pass(5);
    breaker.admits();
    breaker.succeeded();
    fail(4);
    expect(breaker.admits()).toBe(true);
    expect(changes).toEqual(["open", "half-open", "closed"]);
  });

  it("pauses twice as long after each probe that failed, up to a minute, and five seconds anew after a success", () => {
    const { breaker, fail, pass } = setup();
    const pauses: number[] = [];
    const pause = () => {
      let seconds = 0;
      for (; !breaker.admits(); seconds++) pass(1);
      return seconds;
    };
    fail(5);
    for (let round = 0; round < 6; round++) {
      pauses.push(pause());
      fail(1);
    }
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60]);
    pause();
    breaker.succeeded();
    fail(5);
    expect(pause()).toBe(5);
  });

  it("takes no notice of failures of what went out before it opened", () => {
    const { breaker, fail, pass } = setup();
    fail(50);
    pass(5);
    expect(breaker.admits()).toBe(true);
  });
});
