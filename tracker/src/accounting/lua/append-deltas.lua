-- Appends deltas of one source to a stream, without those that it was given before.
--
-- KEYS  1 the stream  2 hash beside it, source -> sequence of its last delta in the stream
-- ARGV  1 the source   2 entries that the stream is cut down to, or some more; 0: it is not cut   3 number of fields of a delta
--       then the fields' names, one of them `sequence`   then the values of every delta, in order of sequence
-- Result: how many were appended
local stream, sources = KEYS[1], KEYS[2]
local source, most, width = ARGV[1], ARGV[2], tonumber(ARGV[3])
local names = 4
local first = names + width

local column
for at = 0, width - 1 do
  if ARGV[names + at] == 'sequence' then column = at end
end

-- A key of another type fails here, before anything is written.
local before = tonumber(redis.call('HGET', sources, source) or 0)
local last

local appended = 0
for delta = first, #ARGV, width do
  local sequence = ARGV[delta + column]
  if tonumber(sequence) > before then
    local entry = {}
    for at = 0, width - 1 do
      entry[2 * at + 1] = ARGV[names + at]
      entry[2 * at + 2] = ARGV[delta + at]
    end
    redis.call('XADD', stream, '*', unpack(entry))
    last = sequence
    appended = appended + 1
  end
end
if appended == 0 then return 0 end

redis.call('HSET', sources, source, last)
if most ~= '0' then redis.call('XTRIM', stream, 'MAXLEN', '~', most) end
return appended
