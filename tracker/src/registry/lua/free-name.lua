-- Frees a name, unless it was claimed since it was looked at.
--
-- KEYS[1]  transfer_names
-- KEYS[2]  {transfer_names}:claims
-- ARGV[1]  the name
-- ARGV[2]  HASH of the transfer that had it
-- ARGV[3]  number of its claim when it was looked at
--
-- Result   1 when it is free, 0 when it was claimed

local holder = redis.call('HGET', KEYS[1], ARGV[1])
local claim = redis.call('HGET', KEYS[2], ARGV[1]) or '0'
if holder ~= ARGV[2] or claim ~= ARGV[3] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
