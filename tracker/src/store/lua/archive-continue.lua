-- Moves some more keys of a swarm into its archive: peers by the archived lists of them, then groups. How far it is stands in the
-- archive itself, so that any tracker can go on, and two at once do no harm.
--
-- KEYS  1 {HASH}:archiving  2 <datetime>:{HASH}:progress
-- ARGV  1 the swarm's prefix, `{HASH}:`   2 the archive's, `<datetime>:{HASH}:`   3 most keys to move, about
--       4 the key of the live peers, 5 of the departed ones, 6 of the groups, each without prefix
-- Result: {`more`} | {`done`, when it expires in milliseconds since the epoch} | {`unknown`}: never begun, or expired
local archiving, progress = KEYS[1], KEYS[2]
local prefix, archive, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
local INDEXES = {peers = ARGV[4], departed = ARGV[5], groups = ARGV[6]}
local NEXT = {peers = 'departed', departed = 'groups', groups = 'done'}
local SETS = {':N', ':R', ':S'}
-- Keys moved by one script expire together, the next ones this much later: Redis frees few at a time.
local APART = 1000

local known = redis.call('HMGET', progress, 'stage', 'cursor', 'moved', 'scripts', 'expires')
local stage, cursor, moved, scripts, expires = known[1], known[2], tonumber(known[3]), tonumber(known[4]), tonumber(known[5])
if not stage then return {'unknown'} end
if stage == 'done' then return {'done', known[5]} end

local function move(name)
  if redis.call('EXISTS', prefix .. name) == 0 then return end
  redis.call('RENAME', prefix .. name, archive .. name)
  redis.call('PEXPIREAT', archive .. name, expires + APART * scripts)
  moved = moved + 1
end

local index = archive .. INDEXES[stage]
local isLast = true
if stage == 'groups' and redis.call('TYPE', index).ok == 'set' then
  local scanned = redis.call('SSCAN', index, cursor, 'COUNT', math.ceil(most / #SETS))
  for _, group in ipairs(scanned[2]) do
    for _, set in ipairs(SETS) do move(group .. set) end
  end
  cursor = scanned[1]
  isLast = cursor == '0'
elseif stage ~= 'groups' and redis.call('TYPE', index).ok == 'zset' then
  local names = redis.call('ZRANGE', index, cursor, cursor + most - 1)
  for _, name in ipairs(names) do move('peer:' .. name) end
  cursor = cursor + #names
  isLast = #names < most
end

if isLast then
  stage, cursor = NEXT[stage], 0
end
redis.call('HSET', progress, 'stage', stage, 'cursor', cursor, 'moved', moved, 'scripts', scripts + 1)
if stage ~= 'done' then return {'more'} end
redis.call('PEXPIREAT', progress, expires + APART * scripts)
redis.call('DEL', archiving)
return {'done', known[5]}
