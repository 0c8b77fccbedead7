-- Notes when peers started or completed: the earliest first and the latest last time of all trackers stay.
--
-- KEYS[1]  {HASH}:transfer
-- ARGV[1]  what makes this note unlike any other
-- ARGV[2…] field of the first time, field of the last time, first time, last time, …; times are ISO 8601 of one length
--
-- Result   1 when it is noted, 0 when there is no such transfer

if redis.call('HEXISTS', KEYS[1], 'revision') == 0 then
  return 0
end
for at = 2, #ARGV, 4 do
  local first = redis.call('HGET', KEYS[1], ARGV[at])
  if not first or ARGV[at + 2] < first then
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 2])
  end
  local last = redis.call('HGET', KEYS[1], ARGV[at + 1])
  if not last or ARGV[at + 3] > last then
    redis.call('HSET', KEYS[1], ARGV[at + 1], ARGV[at + 3])
  end
end
redis.call('HSET', KEYS[1], 'noted', ARGV[1])
return 1
