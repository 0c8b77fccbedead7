-- Makes, replaces or lifts a ban, unless it changed since it was read.
--
-- KEYS[1]  bans
-- KEYS[2]  {bans}:version
-- ARGV[1]  HASH, cidr:<prefix> or client:<prefix>
-- ARGV[2]  the ban as it was read; empty: there was none
-- ARGV[3]  the ban as it shall be; empty: none
--
-- Result   1 when it is so, 0 when it changed

if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
redis.call('INCR', KEYS[2])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return 1
