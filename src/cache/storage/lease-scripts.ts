import { LuaScript } from '../../redis/index.js';

/*
 * A version stamp is a key with a unique value. Evictions delete keys: an entry, its lease, or the stamps that entries
 * and leases hold copies of. A missing stamp is created anew, so nothing that copied the old one is ever valid again;
 * a stamp lost to memory pressure or a flush has the same effect as an eviction.
 *
 *   all     deleted by an eviction of all entries (`allEntries`); every entry holds a copy
 *   tag     deleted by an eviction of that tag; entries with the tag hold a copy
 *   put     one per entry, while a put of it is in progress; deleted by every eviction and put of the entry
 *   writes  deleted by every eviction and put in the shard
 *
 * The guards of a load or a put are the stamps it depends on: `all` and the tags of the entry, or `all` and `writes`
 * when the tags (or the key) depend on the result; for a put also the stamp of its entry. A lease is its token followed
 * by the stamps of its guards. All keys of a shard are in one hash slot, and each shard of a cache has its own stamps.
 */

const STAMPS = `
local function millis()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function stamp(key, fresh, life)
  local value = redis.call('GET', key)
  if value then
    redis.call('PEXPIRE', key, life, 'GT')
    return value
  end
  redis.call('SET', key, fresh, 'PX', life)
  return fresh
end

local function made(first, last, fresh, life)
  local stamps = ''
  for i = first, last do stamps = stamps .. ' ' .. stamp(KEYS[i], fresh, life) end
  return stamps
end

local function found(first, last)
  local stamps = ''
  for i = first, last do stamps = stamps .. ' ' .. (redis.call('GET', KEYS[i]) or '') end
  return stamps
end
`;

/**
 * A server at its memory limit that may not evict anything rejects the whole script. Without this line, a script may
 * write beyond the limit once it has deleted something.
 */
const REFUSED_WHEN_FULL = '#!lua\n';

/** Writes an entry with copies of its stamps, and removes its lease. KEYS: entry, lease, all; tags from `first` on. */
const STORE = `${STAMPS}
local function store(first, value, response, life, stale, fresh, load, idle)
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'value', value, 'all', stamp(KEYS[3], fresh, life))
  if response ~= '' then redis.call('HSET', KEYS[1], 'response', response) end
  if first <= #KEYS then
    local tags = {}
    for i = first, #KEYS do tags[KEYS[i]] = stamp(KEYS[i], fresh, life) end
    redis.call('HSET', KEYS[1], 'tags', cjson.encode(tags))
  end
  if stale ~= '0' then redis.call('HSET', KEYS[1], 'stale', stale) end
  if load ~= '0' then redis.call('HSET', KEYS[1], 'load', load) end
  if idle ~= '0' then
    redis.call('HSET', KEYS[1], 'idle', idle, 'until', millis() + life)
    life = math.min(life, idle)
  end
  redis.call('PEXPIRE', KEYS[1], life)
  return 1
end
`;

/**
 * Returns, for each lookup, a value, or a lease to load it, or the token of the lease holder. A value comes with a
 * lease when it is due for an early refresh: when the duration of its load times the early refresh factor exceeds its
 * remaining time. An entry that lacks a tag of the lookup is a miss: an eviction of that tag would not reach it.
 * KEYS: all; for each lookup its entry, lease and other guards. ARGV: new token, TTL of a lease (0: take none), TTL of
 * a stamp, keys per lookup, requested field (`value`, or `response` where there is one), early refresh factor, tags per
 * lookup (-1: they depend on the result, so the reply includes the tags of the entry), whether `locked` comes without
 * the stale value (1: it does).
 * Each reply: kind, bytes, token, field of the bytes, stamps of the tags. A key that is no hash is removed, and is a
 * miss.
 */
export const READ = new LuaScript(`${STAMPS}
local all = redis.call('GET', KEYS[1])

local function look(first, last, field, fresh)
  local entry = redis.pcall('HMGET', KEYS[first], field, 'all', 'tags', 'stale', 'load', 'idle', 'until')
  local value = entry[1] or false
  if entry.err then redis.call('UNLINK', KEYS[first]) end
  if not value and field ~= 'value' then
    field = 'value'
    value = redis.call('HGET', KEYS[first], field)
  end
  if value and entry[2] ~= all then value = false end
  local tags = {}
  local stored = ARGV[7] == '-1' and entry[3] or ''
  if value and entry[3] then
    local isList, decoded = pcall(cjson.decode, entry[3])
    if isList and type(decoded) == 'table' then tags = decoded else value = false end
    for key, seen in pairs(tags) do
      if redis.call('GET', key) ~= seen then value = false end
    end
  end
  for i = first + 2, first + 1 + ARGV[7] do
    if not tags[KEYS[i]] then value = false end
  end
  local left = value and (entry[4] or entry[5]) and redis.call('PTTL', KEYS[first]) - (entry[4] or 0)
  local good = value and not (entry[4] and left <= 0)
  if good and entry[6] and ARGV[2] ~= '0' then
    redis.call('PEXPIRE', KEYS[first], math.min(entry[6], entry[7] - millis()))
  end
  if good and not (entry[5] and entry[5] * ARGV[6] > left) then return { 'hit', value, '', field, stored } end
  if value and not good and field ~= 'value' then value = redis.call('HGET', KEYS[first], 'value') end
  if ARGV[2] == '0' then return { 'none', value } end
  all = stamp(KEYS[1], fresh, ARGV[3])
  local guards = ' ' .. all .. made(first + 2, last, fresh, ARGV[3])
  local lease = redis.call('GET', KEYS[first + 1])
  if lease then
    local token = string.match(lease, '^[^ ]+')
    if lease == token .. guards then
      if good then return { 'hit', value, '', field, stored } end
      if (ARGV[8] == '1') then return { 'locked', false, token, field, '' } end
      return { 'locked', value, token, field, stored }
    end
  end
  redis.call('SET', KEYS[first + 1], fresh .. guards, 'PX', ARGV[2])
  return { good and 'hit' or 'lease', value, fresh, field, stored }
end

local found = {}
for first = 2, #KEYS, ARGV[4] do
  found[#found + 1] = look(first, first + ARGV[4] - 1, ARGV[5], ARGV[1] .. '.' .. #found)
end
return found
`);

/**
 * Stores a loaded value if its lease and guards are unchanged.
 * KEYS: entry, lease, guards (the first is all), tags. ARGV: token, number of guards, value, response (empty: none),
 * lifetime including stale time, stale time, new stamp, milliseconds of the load, idle time (0: unlimited).
 */
export const FILL = new LuaScript(`${REFUSED_WHEN_FULL}${STORE}
if redis.call('GET', KEYS[2]) ~= ARGV[1] .. found(3, 2 + ARGV[2]) then return 0 end
return store(3 + ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
`);

/** Removes an entry unless its value has changed. KEYS: entry. ARGV: SHA-1 of the value. */
export const DISCARD = new LuaScript(`
local value = redis.call('HGET', KEYS[1], 'value')
if value and redis.sha1hex(value) == ARGV[1] then redis.call('UNLINK', KEYS[1]) end
return 1
`);

/** Releases a lease. KEYS: lease. ARGV: token. */
export const RELEASE = new LuaScript(`
local lease = redis.call('GET', KEYS[1])
if lease and string.match(lease, '^[^ ]+') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);

/**
 * Extends a lease if it still has that token. Its guards live longer than any load whose result is cached.
 * KEYS: lease. ARGV: token, new TTL of the lease. Returns 0 when the lease has another holder, or none.
 */
export const RENEW = new LuaScript(`
local lease = redis.call('GET', KEYS[1])
if not lease or string.match(lease, '^[^ ]+') ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** Returns the stamps that a put will be checked against. KEYS: guards. ARGV: new stamp, TTL of a stamp. */
export const BEGIN_PUT = new LuaScript(`${STAMPS}
return made(1, #KEYS, ARGV[1], ARGV[2])
`);

/**
 * Stores a result if its guards are unchanged, evicts the entry otherwise.
 * KEYS: entry, lease, all, put, writes, guards, tags. ARGV: stamps, number of guards, value, response (empty: none),
 * lifetime including stale time, stale time, new stamp, idle time (0: unlimited).
 */
export const PUT = new LuaScript(`${REFUSED_WHEN_FULL}${STORE}
local unchanged = found(6, 5 + ARGV[2]) == ARGV[1]
redis.call('DEL', KEYS[4], KEYS[5])
if unchanged then return store(6 + ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], '0', ARGV[8]) end
redis.call('DEL', KEYS[1], KEYS[2])
return 0
`);
