-- Writes a transfer, and its torrent if one is given, unless the transfer changed since it was read. Hosts' reports end with its activity.
--
-- KEYS[1]  {HASH}:transfer
-- KEYS[2]  {HASH}:torrent
-- KEYS[3]  {HASH}:reports
-- ARGV[1]  the revision in which it was read; empty: it must not be there yet
-- ARGV[2]  the .torrent; empty: the one before stays
-- ARGV[3]  the state that is written
-- ARGV[4…] field, value, field, value, …; an empty value removes the field
--
-- Result   1 when it was written, 0 when it changed

local kind = redis.call('TYPE', KEYS[2]).ok
if kind ~= 'none' and kind ~= 'string' then
  return redis.error_reply('WRONGTYPE ' .. KEYS[2])
end
local revision = redis.call('HGET', KEYS[1], 'revision')
if (revision or '') ~= ARGV[1] or (not revision and redis.call('EXISTS', KEYS[1]) == 1) then
  return 0
end

if ARGV[2] ~= '' then
  redis.call('SET', KEYS[2], ARGV[2])
end
for at = 4, #ARGV, 2 do
  if ARGV[at + 1] == '' then
    redis.call('HDEL', KEYS[1], ARGV[at])
  else
    redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
  end
end
-- Last: a full Redis refuses a script's first write that takes room, and none after one that took none.
if ARGV[3] ~= 'active' then
  redis.call('DEL', KEYS[3])
end
return 1
