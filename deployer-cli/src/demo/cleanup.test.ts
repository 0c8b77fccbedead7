import { describe, expect, it } from "vitest";
import { createCleanup } from "./cleanup.ts";

describe("cleaning up", () => {
  it("undoes the last thing first, all of them though one fails, and tells of the failure", async () => {
    const undone: number[] = [];
    const cleanup = createCleanup();
    for (const step of [1, 2, 3]) {
      const undo = async () => {
        undone.push(step);
        if (step === 2) throw new Error("stuck");
      };
      cleanup.add({ undo, undoNow: () => undefined });
    }
    await expect(cleanup.run()).rejects.toMatchObject({ errors: [expect.objectContaining({ message: "stuck" })] });
    expect(undone).toEqual([3, 2, 1]);
  });

  it("leaves nothing for the end of the process once it ran", async () => {
    const before = process.listenerCount("exit");
    const cleanup = createCleanup();
    expect(process.listenerCount("exit")).toBe(before + 1);
    await cleanup.run();
    expect(process.listenerCount("exit")).toBe(before);
  });
});
