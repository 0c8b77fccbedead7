// What this process holds in memory once its garbage is gone.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** The heap and what is outside it: `external` counts array buffers too. */
export function usedBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // Twice, because what is outside the heap goes after the object that held it.
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
