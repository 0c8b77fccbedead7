-- Says that a session lives.
--
-- KEYS  1 {live}:sessions  2 {live}:departed
-- ARGV  1 the session   2 how long it lives without another beat, in milliseconds   3 the session that it takes the place of, or ''
--       4 '1' when it is new
-- Result: 1, or 0 when the session is not known: it was taken for dead, or Redis lost it
local sessions, departed, session = KEYS[1], KEYS[2], ARGV[1]
if ARGV[4] ~= '1' and not redis.call('ZSCORE', sessions, session) then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', sessions, now + ARGV[2], session)
if ARGV[3] ~= '' then
  redis.call('ZREM', sessions, ARGV[3])
  redis.call('ZADD', departed, 0, ARGV[3])
end
return 1
