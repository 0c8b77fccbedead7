-- Tells all trackers that transfers changed: each is moved to the end of the changes.
--
-- KEYS[1]  transfers_version
-- KEYS[2]  {transfers_version}:changes
-- ARGV     HASH of each transfer
--
-- Result   the new version

redis.call('ZCARD', KEYS[2])
local version
for _, hash in ipairs(ARGV) do
  version = redis.call('INCR', KEYS[1])
  redis.call('ZADD', KEYS[2], version, hash)
end
return version
