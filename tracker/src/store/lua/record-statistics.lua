-- Adds a swarm's counts to the course of them.
--
-- KEYS  1 {HASH}:transfer  2 {HASH}:statistics  3 {HASH}:peers:N  4 {HASH}:peers:R  5 {HASH}:peers:S  6 {HASH}:peers:L
-- ARGV  1 the fencing token of whoever has the jobs   2 the time, ISO 8601   3 most entries kept
-- Result: `recorded`, `closed`: the transfer is not active, or `superseded`: another tracker has the jobs by now
local transfer, statistics, token = KEYS[1], KEYS[2], tonumber(ARGV[1])

if redis.call('HGET', transfer, 'state') ~= 'active' then return 'closed' end
local last = redis.call('XREVRANGE', statistics, '+', '-', 'COUNT', 1)[1]
if last then
  for at = 1, #last[2], 2 do
    if last[2][at] == 'token' and tonumber(last[2][at + 1]) > token then return 'superseded' end
  end
end
redis.call('XADD', statistics, 'MAXLEN', ARGV[3], '*', 'at', ARGV[2],
  'N', redis.call('ZCARD', KEYS[3]), 'R', redis.call('ZCARD', KEYS[4]),
  'S', redis.call('ZCARD', KEYS[5]), 'L', redis.call('ZCARD', KEYS[6]), 'token', token)
return 'recorded'
