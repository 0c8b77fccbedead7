import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBoundedMap } from "./bounded-map.ts";

describe("bounded map", () => {
  it("holds the last value of each key, and never more keys than its bound", () => {
    const step = fc.tuple(
      fc.constantFrom("get", "set", "clear"),
      fc.integer({ min: 0, max: 12 }).map(String),
      fc.nat(),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { size: "max", maxLength: 200 }), (bound, steps) => {
        const map = createBoundedMap<number>(bound);
        const model = new Map<string, number>();
        for (const [verb, key, value] of steps) {
          if (verb === "set") {
            map.set(key, value);
            model.set(key, value);
            expect(map.get(key)).toBe(value);
          } else if (verb === "get") expect([undefined, model.get(key)]).toContain(map.get(key));
          else if (value % 10 === 0) {
            map.clear();
            model.clear();
          }
          const held = [...model.keys()].filter((name) => map.get(name) !== undefined);
          expect(held.length).toBeLessThanOrEqual(bound);
          if (model.size <= bound) expect(held).toHaveLength(model.size);
          for (const name of model.keys()) if (!held.includes(name)) model.delete(name);
        }
      }),
    );
  });

  it("keeps what is asked for through a scan of keys that are seen once", () => {
    const map = createBoundedMap<number>(100);
    for (let host = 0; host < 50; host++) map.set(`host${host}`, host);
    for (let scan = 0; scan < 1000; scan++) {
      map.set(`scan${scan}`, scan);
      if (scan % 25 === 0) for (let host = 0; host < 50; host++) map.get(`host${host}`);
    }
    for (let host = 0; host < 50; host++) expect(map.get(`host${host}`)).toBe(host);
    expect(map.get("scan0")).toBeUndefined();
  });
});
