-- Takes back a transfer that was just written for the first time, unless it changed since.
--
-- KEYS[1]  {HASH}:transfer
-- KEYS[2]  {HASH}:torrent
-- ARGV[1]  the revision that was written
--
-- Result   1 when it is gone, 0 when it changed

if redis.call('HGET', KEYS[1], 'revision') ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
