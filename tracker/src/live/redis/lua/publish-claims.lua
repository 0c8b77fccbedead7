-- Tells all trackers who is connected where, in one order for all of them.
--
-- KEYS  1 {live}:claims
-- ARGV  1 the channel   2 the message
-- Result: how many there were
redis.call('PUBLISH', ARGV[1], ARGV[2])
return redis.call('INCR', KEYS[1])
