// Looks into Redis all the time, past every tracker: does any rack have more representatives than its cap?
import { setTimeout as delay } from "node:timers/promises";
import type { Redis } from "ioredis";

export interface CapWatch {
  readonly looks: () => number;
  /** What was wrong, each once. */
  readonly faults: ReadonlySet<string>;
  close(): Promise<void>;
}

/** All racks in one script, so that each look is one instant. A fault is a line of text. */
const LOOK = `
local prefix, cap, faults, all = ARGV[1], tonumber(ARGV[2]), {}, 0
for at = 3, #ARGV do
  local rack = prefix .. 'rack:' .. ARGV[at]
  local standing = redis.call('ZRANGE', rack .. ':R', 0, -1)
  all = all + #standing
  if #standing > cap then faults[#faults + 1] = ARGV[at] .. ' has ' .. #standing .. ' representatives' end
  for _, name in ipairs(standing) do
    if not redis.call('ZSCORE', rack .. ':N', name) then faults[#faults + 1] = name .. ' represents ' .. ARGV[at] .. ' without being there' end
    if not redis.call('ZSCORE', prefix .. 'peers:N', name) then faults[#faults + 1] = name .. ' represents ' .. ARGV[at] .. ' and is gone' end
    if not redis.call('ZSCORE', prefix .. 'peers:R', name) then faults[#faults + 1] = name .. ' represents ' .. ARGV[at] .. ' and is not listed' end
  end
  local first = redis.call('ZRANGE', rack .. ':N', 0, cap - 1)
  if #standing < #first then faults[#faults + 1] = ARGV[at] .. ' has ' .. #standing .. ' representatives of ' .. #first end
end
local listed = redis.call('ZCARD', prefix .. 'peers:R')
if listed ~= all then faults[#faults + 1] = listed .. ' are listed as representatives, ' .. all .. ' are' end
return faults`;

export function watchCaps(client: Redis, infoHash: string, racks: readonly string[], cap: number): CapWatch {
  const faults = new Set<string>();
  let looks = 0;
  let isOver = false;

  async function look(): Promise<void> {
    const found = await client.eval(LOOK, 0, `{${infoHash.toUpperCase()}}:`, cap, ...racks);
    for (const fault of found as string[]) faults.add(fault);
    looks++;
  }

  async function watch(): Promise<void> {
    while (!isOver) {
      await look();
      await delay(2);
    }
  }

  const watching = watch();
  return {
    looks: () => looks,
    faults,
    async close() {
      isOver = true;
      await watching;
    },
  };
}
