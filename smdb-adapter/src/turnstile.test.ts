import { describe, expect, it } from "vitest";
import { createTurnstile } from "./turnstile.ts";

const PATIENCE_MS = 10_000;

/** Work that ends when told to, and tells when it begins. */
function createWork() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let hasBegun = false;
  const work = async () => {
    hasBegun = true;
    await promise;
    return "done";
  };
  return { work, end: resolve, hasBegun: () => hasBegun };
}

async function settle(): Promise<void> {
  await new Promise((done) => setTimeout(done, 5));
}

describe("turnstile", () => {
  it("lets in so many, and the next in order of arrival as others leave", async () => {
    const turnstile = createTurnstile(2, 10);
    const works = Array.from({ length: 4 }, createWork);
    const passes = works.map(({ work }) => turnstile.pass(work, PATIENCE_MS));
    await settle();
    expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, true, false, false]);
    works[1]!.end();
    await settle();
    expect(works.map(({ hasBegun }) => hasBegun())).toEqual([true, true, true, false]);
    for (const { end } of works) end();
    expect(await Promise.all(passes)).toEqual(["done", "done", "done", "done"]);
  });

  it("lets the next in after work that failed", async () => {
    const turnstile = createTurnstile(1, 10);
    const failing = turnstile.pass(() => Promise.reject(new Error("broken")), PATIENCE_MS);
    const next = turnstile.pass(async () => "done", PATIENCE_MS);
    await expect(failing).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });

  it("refuses at once whoever finds the line full", async () => {
    const turnstile = createTurnstile(1, 1);
    const first = createWork();
    const passes = [turnstile.pass(first.work, PATIENCE_MS), turnstile.pass(async () => "second", PATIENCE_MS)];
    await expect(turnstile.pass(async () => "third", PATIENCE_MS)).rejects.toThrow("1 wait already while 1 are asked");
    first.end();
    expect(await Promise.all(passes)).toEqual(["done", "second"]);
  });

  it("refuses whoever has waited for too long, and does not do its work later", async () => {
    const turnstile = createTurnstile(1, 10);
    const [first, second] = [createWork(), createWork()];
    const passing = turnstile.pass(first.work, PATIENCE_MS);
    await expect(turnstile.pass(second.work, 20)).rejects.toThrow("no turn within 20 ms");
    first.end();
    await passing;
    expect(second.hasBegun()).toBe(false);
    expect(await turnstile.pass(async () => "third", PATIENCE_MS)).toBe("third");
  });
});
