-- Takes up a session that died, to unannounce what it announced. Who dies over that is followed by another after the lease.
--
-- KEYS  1 {live}:sessions  2 {live}:departed
-- ARGV  1 the lease in milliseconds
-- Result: the session, or nothing
local sessions, departed, lease = KEYS[1], KEYS[2], ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, session in ipairs(redis.call('ZRANGEBYSCORE', sessions, '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', sessions, session)
  redis.call('ZADD', departed, 0, session)
end
local due = redis.call('ZRANGEBYSCORE', departed, '-inf', now, 'LIMIT', 0, 1)[1]
if not due then return false end
redis.call('ZADD', departed, now + lease, due)
return due
