-- What changed in a swarm since a tracker's replica was brought up to date, and, when wanted, the swarm's turn: only who has the turn may
-- commit. A turn is a lease; a tracker that had to wait is the next one.
--
-- KEYS  1 {HASH}:swarm  2 {HASH}:changes  3 {HASH}:transfer  4 {HASH}:told
-- ARGV  1 the swarm's prefix, `{HASH}:`
--       2 `take` the turn, or just `read`
--       3 the tracker's name   4 a token for this turn
--       5 the epoch and 6 the version that the replica has (`` and 0: none)
--       7 most changes a call   8 the lease in milliseconds
--       9 the levels of the policy as text: a new swarm keeps them
--       10… the fields of a peer that a replica wants
-- Result: {`foreign`, key}     the key holds what no tracker wrote
--         {`closed`, state}    the transfer is not active
--         {`renewed`}          the replica is of another epoch: begin anew
--         {`wait`}             another tracker has the turn
--         {`more`, version, changes}   not the turn: there is more to read
--         {`done`, epoch, version, levels, changes, {arrivals, completions, fastest pull, paused, resumed, committed}}
-- A change is {peer name, field…}, {peer name} of one that left no memory, or {`serial serial`, told at}.
local swarm, changes, transfer, told = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local prefix, want, tracker, token = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local epoch, version, most, lease, levels = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9]

for at, kind in ipairs({'hash', 'zset', 'hash', 'zset'}) do
  local is = redis.call('TYPE', KEYS[at]).ok
  if is ~= kind and is ~= 'none' then return {'foreign', KEYS[at]} end
end

if want == 'take' then
  local state = redis.call('HGET', transfer, 'state')
  if state and state ~= 'active' then return {'closed', state} end
end

local known = redis.call('HMGET', swarm, 'epoch', 'version', 'levels', 'turn', 'turn_until', 'next', 'next_until',
  'arrivals', 'completions', 'fastest_pull', 'paused', 'resumed', 'committed')
if not known[1] then
  if epoch ~= '' then return {'renewed'} end
  known = {token, '0', levels, false, false, false, false, '1', '0', '0', '0', '0', '0'}
  if want == 'take' then
    redis.call('HSET', swarm, 'epoch', token, 'version', 0, 'levels', levels, 'arrivals', 1, 'completions', 0, 'fastest_pull', 0, 'paused', 0,
      'resumed', 0, 'committed', 0)
  end
elseif epoch ~= '' and epoch ~= known[1] then
  return {'renewed'}
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if want == 'take' then
  local isFree = not known[4] or tonumber(known[5]) <= now
  local isMine = not known[6] or tonumber(known[7]) <= now or known[6] == tracker
  if not isFree or not isMine then
    if isMine then redis.call('HSET', swarm, 'next', tracker, 'next_until', now + lease) end
    return {'wait'}
  end
end

local found = {}
local last = version
if tonumber(known[2]) > version then
  local names = redis.call('ZRANGEBYSCORE', changes, '(' .. ARGV[6], '+inf', 'WITHSCORES', 'LIMIT', 0, most)
  for at = 1, #names, 2 do
    local name = names[at]
    if string.find(name, ' ', 1, true) then
      found[#found + 1] = {name, redis.call('ZSCORE', told, name)}
    else
      local peer = prefix .. 'peer:' .. name
      local fields = redis.pcall('HMGET', peer, unpack(ARGV, 10))
      if fields.err then return {'foreign', peer} end
      if fields[1] then
        table.insert(fields, 1, name)
        found[#found + 1] = fields
      else
        found[#found + 1] = {name}
      end
    end
    last = names[at + 1]
  end
  if #found == most then return {'more', last, found} end
end

if want == 'take' then
  redis.call('HSET', swarm, 'turn', token, 'turn_until', now + lease)
  redis.call('HDEL', swarm, 'next', 'next_until')
end
return {'done', known[1], known[2], known[3], found, {unpack(known, 8, 13)}}
