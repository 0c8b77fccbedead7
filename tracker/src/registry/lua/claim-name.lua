-- Claims a name for a transfer, unless another transfer has it.
--
-- KEYS[1]  transfer_names
-- KEYS[2]  {transfer_names}:claims
-- KEYS[3]  {transfer_names}:last_claim
-- ARGV[1]  the name
-- ARGV[2]  HASH of the transfer
-- ARGV[3]  number of another's claim that may be overridden, because its holder was seen out of service; or empty
--
-- Result   {1, number of the claim}, or {0, HASH of the holder, number of its claim}

local holder = redis.call('HGET', KEYS[1], ARGV[1])
local claim = redis.call('HGET', KEYS[2], ARGV[1]) or '0'
if holder and holder ~= ARGV[2] and claim ~= ARGV[3] then
  return { 0, holder, claim }
end
local number = redis.call('INCR', KEYS[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], number)
return { 1, number }
