-- Gives the jobs back, so that another tracker takes them at once.
--
-- KEYS  1 {jobs}:lock
-- ARGV  1 the lock's value, `<token> <tracker>`
-- Result: 1, or 0 when the jobs were another's or nobody's already
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
