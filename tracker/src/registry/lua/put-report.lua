-- Keeps a host's report on an active transfer, in the place of its report before.
--
-- KEYS[1]  {HASH}:transfer
-- KEYS[2]  {HASH}:reports
-- ARGV[1]  the host's address
-- ARGV[2]  the report
-- ARGV[3]  how many hosts may report
--
-- Result   kept, inactive or full

if redis.call('HGET', KEYS[1], 'state') ~= 'active' then
  return 'inactive'
end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[3]) then
  return 'full'
end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 'kept'
