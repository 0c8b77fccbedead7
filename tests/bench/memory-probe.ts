// Loaded into a server before it starts: answers every message of its parent with the bytes it holds once its garbage is gone.
import { usedBytes } from "./used-bytes.ts";

export interface MemoryReport {
  readonly usedBytes: number;
  readonly residentBytes: number;
}

process.on("message", () => {
  const used = usedBytes();
  process.send?.({ usedBytes: used, residentBytes: process.memoryUsage.rss() } satisfies MemoryReport);
});
// A benchmark that was interrupted leaves nobody behind.
process.on("disconnect", () => process.exit());
