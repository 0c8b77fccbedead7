-- Takes the jobs when no other tracker has them, with a token greater than any before.
--
-- KEYS  1 {jobs}:lock  2 {jobs}:token
-- ARGV  1 the tracker's name   2 the lease in milliseconds
-- Result: the token, or 0 while another tracker has the jobs
-- The lock's value is `<token> <tracker>`. A tracker that did not hear that it took the jobs takes them again. No token is less than the
-- time in seconds, so that a Redis that lost the last one does not give it twice.
local lock, last, tracker, lease = KEYS[1], KEYS[2], ARGV[1], ARGV[2]

local held = redis.call('GET', lock)
if held and string.match(held, '^%d+ (.*)$') ~= tracker then return 0 end

local token = math.max(tonumber(redis.call('GET', last) or 0) + 1, tonumber(redis.call('TIME')[1]))
redis.call('SET', last, token)
redis.call('SET', lock, token .. ' ' .. tracker, 'PX', lease)
return token
