-- Keeps the jobs for another lease.
--
-- KEYS  1 {jobs}:lock
-- ARGV  1 the lock's value, `<token> <tracker>`   2 the lease in milliseconds
-- Result: 1, or 0 when the jobs are another's or nobody's by now
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
