-- Puts a swarm's fixed keys aside, under the names of an archive. What is left of the swarm are keys that nothing leads to any more;
-- `archive-continue.lua` moves those, few at a time. Whoever has the swarm's turn loses it.
--
-- KEYS  1 {HASH}:transfer  2 {HASH}:archiving  3 <datetime>:{HASH}:progress
-- ARGV  1 the swarm's prefix, `{HASH}:`   2 the archive's, `<datetime>:{HASH}:`   3 the archive's datetime
--       4 how long it is kept   5 how much longer its fixed keys are, which the job removes   (milliseconds)
--       6… the fixed keys, without prefix
-- Result: {`begun`}            now or before
--         {`active`}           the transfer is active: its swarm stays
--         {`empty`}            there is no swarm
--         {`other`, datetime}  an older swarm of the transfer is still being archived
local transfer, archiving, progress = KEYS[1], KEYS[2], KEYS[3]
local prefix, archive, datetime, lifetime, longer = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

if redis.call('HGET', transfer, 'state') == 'active' then return {'active'} end
if redis.call('EXISTS', progress) == 1 then return {'begun'} end
local other = redis.call('GET', archiving)
if other and other ~= datetime then return {'other', other} end

local time = redis.call('TIME')
local expires = time[1] * 1000 + math.floor(time[2] / 1000) + lifetime
local moved = 0
for at = 6, #ARGV do
  if redis.call('EXISTS', prefix .. ARGV[at]) == 1 then
    redis.call('RENAME', prefix .. ARGV[at], archive .. ARGV[at])
    redis.call('PEXPIREAT', archive .. ARGV[at], expires + longer)
    moved = moved + 1
  end
end
if moved == 0 then
  redis.call('DEL', archiving)
  return {'empty'}
end

if redis.call('COPY', transfer, archive .. 'transfer') == 1 then
  redis.call('PEXPIREAT', archive .. 'transfer', expires + longer)
end
redis.call('HSET', progress, 'stage', 'peers', 'cursor', 0, 'moved', moved, 'scripts', 1, 'expires', expires)
redis.call('SET', archiving, datetime)
return {'begun'}
