-- Makes, replaces or revokes a user's announce key, unless it changed since it was read, and tells all trackers.
--
-- KEYS[1]  announce_keys
-- KEYS[2]  {announce_keys}:version
-- KEYS[3]  {announce_keys}:changes
-- ARGV[1]  the user
-- ARGV[2]  the key's record as it was read; empty: there was none
-- ARGV[3]  the record as it shall be; empty: none
-- ARGV[4]  how many users' changes are remembered
--
-- Result   1 when it is so, 0 when it changed

if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
redis.call('ZCARD', KEYS[3])
local version = redis.call('INCR', KEYS[2])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
redis.call('ZADD', KEYS[3], version, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[4]))
return 1
