-- Writes down what a tracker decided while it had the swarm's turn, all or nothing, and gives the turn back or keeps it.
--
-- KEYS  1 {HASH}:swarm  2 {HASH}:changes  3 {HASH}:told  4 {HASH}:departed  5 {HASH}:peers:N  6 {HASH}:groups
-- ARGV  1 the swarm's prefix, `{HASH}:`   2 the token of the turn   3 `keep` the turn, because the next commit is being made, or `give` it back
--       4 the lease   5 how long a departure and a telling are remembered   6 the swarm's clock   (all milliseconds)
--       7 arrivals   8 completions   9 fastest pull   10 paused   11 resumed   12 now
--       13… what to do, each an operation and its arguments:
--         leave NAME AT          a peer departed: its fields stay for as long as it is remembered
--         rename NAME            a peer has another name from now on
--         remove KEY NAME        from a sorted set of the swarm
--         add KEY NAME PLACE     to a sorted set of the swarm
--         group KEY              the swarm has this group
--         represent KEY COUNT NAME PLACE…   the group's representatives, all of them: never more than its cap
--         arrive NAME            a peer is new; its name may be that of one that departed
--         peer NAME GONE_AT COUNT FIELD VALUE…   fields of a live peer
--         told PAIR AT           two serials were told of each other
-- Result: {`done`, version, 1 if another tracker waits for the turn, else 0} | {`lost`}: the turn is another's
--         | {`foreign`, key}: it holds what no tracker wrote. Nothing was written then, nor when the turn was lost
local swarm, changes, told, departed, peers, groups = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local prefix, token, after, lease, memory, now = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local FORGET_AT_A_TIME = 64
-- Which operations write to a peer's key, which to a sorted set; how many arguments each has with its own name, and where the number is of
-- the pairs that follow.
local OF_PEERS = {leave = true, rename = true, peer = true}
local OF_SETS = {remove = true, add = true, represent = true}
local SIZES = {leave = 3, rename = 2, remove = 3, add = 4, group = 2, represent = 3, arrive = 2, peer = 4, told = 3}
local PAIRS = {represent = 2, peer = 3}

local known = redis.call('HMGET', swarm, 'turn', 'version', 'next', 'next_until')
if known[1] ~= token then return {'lost'} end
local version = tonumber(known[2])

local function change(member)
  version = version + 1
  redis.call('ZADD', changes, version, member)
end

-- What a script has written when it meets a key of another type stays written: so all keys are looked at first.
local looked = {}
local function isForeign(key, kind)
  if looked[key] then return false end
  looked[key] = true
  local is = redis.call('TYPE', key).ok
  return is ~= kind and is ~= 'none'
end
for each, kind in ipairs({'hash', 'zset', 'zset', 'zset', 'zset', 'set'}) do
  if isForeign(KEYS[each], kind) then return {'foreign', KEYS[each]} end
end
local at = 13
while at <= #ARGV do
  local op, name = ARGV[at], ARGV[at + 1]
  if not SIZES[op] then return redis.error_reply('ERR unknown operation ' .. tostring(op)) end
  local key = OF_PEERS[op] and prefix .. 'peer:' .. name or OF_SETS[op] and prefix .. name
  if key and isForeign(key, OF_PEERS[op] and 'hash' or 'zset') then return {'foreign', key} end
  at = at + SIZES[op] + (PAIRS[op] and 2 * tonumber(ARGV[at + PAIRS[op]]) or 0)
end

at = 13
while at <= #ARGV do
  local op, name = ARGV[at], ARGV[at + 1]
  if op == 'peer' then
    local last = at + 3 + 2 * tonumber(ARGV[at + 3])
    redis.call('HSET', prefix .. 'peer:' .. name, unpack(ARGV, at + 4, last))
    redis.call('ZADD', peers, ARGV[at + 2], name)
    change(name)
    at = last + 1
  elseif op == 'told' then
    redis.call('ZADD', told, ARGV[at + 2], name)
    change(name)
    at = at + 3
  elseif op == 'add' then
    redis.call('ZADD', prefix .. name, ARGV[at + 3], ARGV[at + 2])
    at = at + 4
  elseif op == 'remove' then
    redis.call('ZREM', prefix .. name, ARGV[at + 2])
    at = at + 3
  elseif op == 'represent' then
    local count = tonumber(ARGV[at + 2])
    redis.call('DEL', prefix .. name)
    for each = at + 3, at + 2 + 2 * count, 2 do
      redis.call('ZADD', prefix .. name, ARGV[each + 1], ARGV[each])
    end
    at = at + 3 + 2 * count
  elseif op == 'arrive' then
    redis.call('PERSIST', prefix .. 'peer:' .. name)
    redis.call('ZREM', departed, name)
    at = at + 2
  elseif op == 'group' then
    redis.call('SADD', groups, name)
    at = at + 2
  elseif op == 'leave' then
    local key = prefix .. 'peer:' .. name
    redis.call('HSET', key, 'departed', ARGV[at + 2])
    redis.call('PEXPIRE', key, memory)
    redis.call('ZADD', departed, ARGV[at + 2], name)
    redis.call('ZREM', peers, name)
    change(name)
    at = at + 3
  elseif op == 'rename' then
    redis.call('DEL', prefix .. 'peer:' .. name)
    redis.call('ZREM', peers, name)
    redis.call('ZADD', departed, now, name)
    change(name)
    at = at + 2
  end
end

-- What nobody remembers any more goes, a little at a time.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', departed, '-inf', now - memory, 'LIMIT', 0, FORGET_AT_A_TIME)) do
  redis.call('ZREM', departed, name)
  if not redis.call('ZSCORE', peers, name) then redis.call('ZREM', changes, name) end
end
for _, pair in ipairs(redis.call('ZRANGEBYSCORE', told, '-inf', now - memory, 'LIMIT', 0, FORGET_AT_A_TIME)) do
  redis.call('ZREM', told, pair)
  redis.call('ZREM', changes, pair)
end

redis.call('HSET', swarm, 'version', version, 'arrivals', ARGV[7], 'completions', ARGV[8], 'fastest_pull', ARGV[9],
  'paused', ARGV[10], 'resumed', ARGV[11], 'committed', ARGV[12])
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
if after == 'keep' then
  redis.call('HSET', swarm, 'turn_until', clock + lease)
else
  redis.call('HDEL', swarm, 'turn', 'turn_until')
end
local isWanted = known[3] and tonumber(known[4]) > clock
return {'done', version, isWanted and 1 or 0}
