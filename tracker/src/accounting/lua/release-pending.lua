-- Forgets the deltas that wait up to one of them; without effect when that one does not wait any more.
--
-- KEYS  1 {accounting}:ledger  2 {accounting}:pending
-- ARGV  1 its source   2 its number
-- Result: 0
local known = redis.call('HMGET', KEYS[1], 'source', 'sequence')
if known[1] ~= ARGV[1] then return 0 end
local kept = math.max(known[2] - ARGV[2], 0)
local released = redis.call('LLEN', KEYS[2]) - kept
if released > 0 then redis.call('LTRIM', KEYS[2], released, -1) end
return 0
