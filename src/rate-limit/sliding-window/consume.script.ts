import { LuaScript } from '../../redis/index.js';

/** Body of `CONSUME`, without the clock; expects `now` in milliseconds. */
export const CONSUME_BODY = `
local buckets = tonumber(ARGV[1])
local logs, used, ttls = {}, {}, {}

local function read(key, window)
  if logs[key] then return end
  local packed = redis.call('GET', key)
  local stored = packed and cmsgpack.unpack(packed) or { 0 }
  local shift = #stored > 1 and math.max(stored[#stored - 1] - now, 0) or 0
  local log, sum = { stored[1] - shift }, 0
  for j = 2, #stored, 2 do
    local last, count = stored[j] - shift, stored[j + 1]
    if last >= now - window then
      log[#log + 1] = last
      log[#log + 1] = count
      sum = sum + count
    end
  end
  logs[key], used[key], ttls[key] = log, sum, shift > 0 and window + 1 or nil
end

local function wait(key, cost, limit, window)
  local log, missing = logs[key], used[key] + cost - limit
  for j = 2, #log, 2 do
    if missing <= 0 then return 0 end
    missing = missing - log[j + 1]
    if missing <= 0 then return log[j] + window + 1 - now end
  end
  return 0
end

local function add(key, cost, window)
  local log = logs[key]
  if #log > 1 and (now - log[1]) * buckets < window then
    log[#log - 1] = now
    log[#log] = log[#log] + cost
  else
    log[1] = now
    log[#log + 1] = now
    log[#log + 1] = cost
  end
  used[key], ttls[key] = used[key] + cost, window + 1
end

local reply, offset = {}, 0
for _, request in ipairs(cjson.decode(ARGV[2])) do
  local cost, rules, longest = request[1], (#request - 1) / 2, 0
  for i = 1, rules do
    local key, limit, window = KEYS[offset + i], request[2 * i], request[2 * i + 1]
    read(key, window)
    longest = math.max(longest, wait(key, math.min(cost, limit), limit, window))
  end
  reply[#reply + 1] = longest
  for i = 1, rules do
    local key, limit, window = KEYS[offset + i], request[2 * i], request[2 * i + 1]
    if longest == 0 then add(key, math.min(cost, limit), window) end
    reply[#reply + 1] = used[key]
    reply[#reply + 1] = #logs[key] > 1 and logs[key][2] + window + 1 - now or 0
  end
  offset = offset + rules
end
for key, ttl in pairs(ttls) do
  local written = redis.pcall('SET', key, cmsgpack.pack(logs[key]), 'PX', ttl)
  if written.err then return string.find(written.err, 'OOM') and { -1 } or written end
end
return reply
`;

/**
 * Processes consume requests in order, each under all of its rules or under none; `sliding-log.ts` is the same
 * algorithm in TypeScript. A rejected request writes nothing, unless the clock has stepped back.
 *
 * - KEYS: for each request, a log for each of its rules: MessagePack of `{ms the newest bucket was opened, then for
 *   each bucket, the oldest first: ms of its newest request, count}`. It expires when its newest request has left the
 *   window.
 * - ARGV: 1 buckets per window, 2 JSON of a list for each request: `[cost, limit, window (ms), limit, window (ms), …]`
 * - returns for each request {milliseconds to wait, or 0 when accepted, then for each rule: used, milliseconds until
 *   the oldest bucket expires or 0}, all in one list; {-1} when Redis is out of memory
 */
export const CONSUME = new LuaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
${CONSUME_BODY}`);
