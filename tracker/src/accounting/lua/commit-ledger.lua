-- Writes down what a tracker counted, all or nothing, unless something that it was decided on has changed since it was read.
--
-- KEYS  1 {accounting}:ledger  2 {accounting}:pending  3 {accounting}:transfers  4 {accounting}:commit:<tracker>
--       5… {accounting}:baselines:<HASH> and {accounting}:totals:<HASH> of each transfer
-- ARGV  1 the tracker's last commit, as it was read, empty: none   2 this commit, empty: needs none
--       3 how long it is remembered, in milliseconds   4 the source of a new ledger
--       5… of each transfer: its HASH
--            how many clients, and of each: peer id, baseline as it was read, baseline from now on; empty: none
--            how many totals, and of each: whose, bytes up, bytes down, milliseconds of seeding, when in milliseconds since the epoch
--       …  deltas, each as it waits
-- Result: how many deltas wait, or -1 when something has changed: nothing was written then
local ledger, pending, transfers, commits = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local last, commit, lifetime, source = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- The largest that is exact in JavaScript; Lua's own text of a number has 14 digits.
local MOST_BYTES = 9007199254740991
-- `%d` costs a third, and is not exact on every machine.
local TOTAL = string.format('%d', MOST_BYTES) == '9007199254740991' and '%d %d %d %s' or '%.0f %.0f %.0f %s'

-- All that is read is read before anything is written: a key of another type, too, then fails the script whole.
if commit ~= '' and (redis.call('GET', commits) or '') ~= last then return -1 end
local numbering = redis.call('HMGET', ledger, 'source', 'sequence')
local waiting = redis.call('LLEN', pending)
redis.call('SISMEMBER', transfers, '')

local changes = {}
local at = 5
for key = 5, #KEYS, 2 do
  local baselines, totals = KEYS[key], KEYS[key + 1]
  local change = {baselines = baselines, totals = totals, hash = ARGV[at], kept = {}, forgotten = {}, added = {}}
  changes[#changes + 1] = change

  local count, names = tonumber(ARGV[at + 1]), {}
  at = at + 2
  for each = 1, count do names[each] = ARGV[at + 3 * each - 3] end
  local known = count > 0 and redis.call('HMGET', baselines, unpack(names))
  for each = 1, count do
    local before, after = ARGV[at + 1], ARGV[at + 2]
    if (known[each] or '') ~= before then return -1 end
    if after == '' then
      change.forgotten[#change.forgotten + 1] = names[each]
    elseif after ~= before then
      change.kept[#change.kept + 1] = names[each]
      change.kept[#change.kept + 1] = after
    end
    at = at + 3
  end

  count, names = tonumber(ARGV[at]), {}
  at = at + 1
  for each = 1, count do names[each] = ARGV[at + 5 * each - 5] end
  known = count > 0 and redis.call('HMGET', totals, unpack(names))
  for each = 1, count do
    local up, down, seeded = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
    if known[each] then
      local upBefore, downBefore, seededBefore = string.match(known[each], '^(%d+) (%d+) (%d+)')
      up = math.min(up + upBefore, MOST_BYTES)
      down = math.min(down + downBefore, MOST_BYTES)
      seeded = seeded + seededBefore
    end
    change.added[2 * each - 1] = names[each]
    change.added[2 * each] = string.format(TOTAL, up, down, seeded, ARGV[at + 4])
    at = at + 5
  end
end

-- First what takes room: a full Redis refuses a script's first write of that kind, and none after one that takes none.
if commit ~= '' then redis.call('SET', commits, commit, 'PX', lifetime) end
if at <= #ARGV then
  if not numbering[1] then redis.call('HSET', ledger, 'source', source, 'sequence', waiting) end
  redis.call('HINCRBY', ledger, 'sequence', #ARGV - at + 1)
  waiting = redis.call('RPUSH', pending, unpack(ARGV, at))
end
for _, change in ipairs(changes) do
  if #change.kept + #change.added > 0 then redis.call('SADD', transfers, change.hash) end
  if #change.kept > 0 then redis.call('HSET', change.baselines, unpack(change.kept)) end
  if #change.added > 0 then redis.call('HSET', change.totals, unpack(change.added)) end
  if #change.forgotten > 0 then redis.call('HDEL', change.baselines, unpack(change.forgotten)) end
end
return waiting
