-- The deltas that wait, from the oldest. They are numbered by their place: the youngest has the ledger's last number.
--
-- KEYS  1 {accounting}:ledger  2 {accounting}:pending
-- ARGV  1 how many at most
-- Result: {source, last number, how many wait, {delta…}}; the number is text, because clients read the largest ones wrong
local known = redis.call('HMGET', KEYS[1], 'source', 'sequence')
local waiting = redis.call('LLEN', KEYS[2])
return {known[1] or '', known[2] or '0', waiting, redis.call('LRANGE', KEYS[2], 0, ARGV[1] - 1)}
