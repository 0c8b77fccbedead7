-- Makes peers announcers of one info-hash, or no longer, and tells whoever listens, all in one step.
--
-- KEYS  1 live:{HASH}:announcers
-- ARGV  1 the session that the peers are connected to   2 the channel   3, 4, … peer, '1' announces or '0' does not
-- Result: how many events that were
-- The hash holds each announcer's session, and under `*` the number of the latest event. What is published is
-- `<number before> <number after> +<peer> -<peer> …`. Numbers begin with the clock, so that none comes again when the key expired or
-- Redis lost it. A peer that is another session's by now stays.
local announcers, session, channel = KEYS[1], ARGV[1], ARGV[2]
local ONE_HOUR_MS = 3600000

local before = redis.call('HGET', announcers, '*')
local number = tonumber(before or 0)
if not before then
  local time = redis.call('TIME')
  number = time[1] * 1000000 + time[2]
end

local events = {}
for i = 3, #ARGV, 2 do
  local peer = ARGV[i]
  local owner = redis.call('HGET', announcers, peer)
  if ARGV[i + 1] == '1' then
    if not owner then events[#events + 1] = '+' .. peer end
    if owner ~= session then redis.call('HSET', announcers, peer, session) end
  elseif owner == session then
    events[#events + 1] = '-' .. peer
    redis.call('HDEL', announcers, peer)
  end
end
if #events == 0 then return 0 end

local after = string.format('%.0f', number + #events)
redis.call('HSET', announcers, '*', after)
if redis.call('HLEN', announcers) == 1 then
  redis.call('PEXPIRE', announcers, ONE_HOUR_MS)
else
  redis.call('PERSIST', announcers)
end
redis.call('PUBLISH', channel, (before or '0') .. ' ' .. after .. ' ' .. table.concat(events, ' '))
return #events
