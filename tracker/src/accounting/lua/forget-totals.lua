-- Removes totals of a transfer that are still as they were read, and the transfer once nothing is known of it.
--
-- KEYS  1 {accounting}:transfers  2 {accounting}:baselines:<HASH>  3 {accounting}:totals:<HASH>
-- ARGV  1 HASH   2… whose total, and the total as it was read, of each
-- Result: 0
for at = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[3], ARGV[at]) == ARGV[at + 1] then redis.call('HDEL', KEYS[3], ARGV[at]) end
end
if redis.call('EXISTS', KEYS[2], KEYS[3]) == 0 then redis.call('SREM', KEYS[1], ARGV[1]) end
return 0
