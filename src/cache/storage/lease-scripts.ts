import { LuaScript } from '../../redis/index.js';

/*
 * A stamp is a key with a value like no other. Evicting deletes: an entry, its lease, or the stamps that entries and
 * leases hold copies of. A missing stamp is made anew, so nothing that saw the old one is ever valid again; that a
 * stamp was lost to memory pressure or a flush is the same as an evict.
 *
 *   all     evicted by `allEntries`; every entry holds a copy
 *   tag     evicted by that tag; entries that carry the tag hold a copy
 *   writes  evicted by every evict and put of the cache; entries hold no copy, but loads and puts that cannot name in
 *           advance what they depend on are guarded by it
 *
 * A lease is its token followed by the stamps that guard the load: [all, its tags], or [all, writes] when only the
 * result tells the tags. All keys of one cache are in one hash slot.
 */

/** The stamp under a key, made when it is missing, alive for at least `life` ms. */
const STAMP = `
local function stamp(key, fresh, life)
  local value = redis.call('GET', key)
  if value then
    redis.call('PEXPIRE', key, life, 'GT')
    return value
  end
  redis.call('SET', key, fresh, 'PX', life)
  return fresh
end
`;

/**
 * Writes an entry with copies of its stamps, and removes the lease. KEYS: entry, lease, all; tags from `firstTag` on.
 */
const STORE = `${STAMP}
local function store(firstTag, value, life, stale, fresh)
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[1], 'value', value, 'all', stamp(KEYS[3], fresh, life))
  if firstTag <= #KEYS then
    local tags = {}
    for i = firstTag, #KEYS do tags[KEYS[i]] = stamp(KEYS[i], fresh, life) end
    redis.call('HSET', KEYS[1], 'tags', cjson.encode(tags))
  end
  if stale ~= '0' then redis.call('HSET', KEYS[1], 'stale', stale) end
  redis.call('PEXPIRE', KEYS[1], life)
  return 1
end
`;

/**
 * KEYS: entry, lease, guards (the first is all). ARGV: fresh token, life of a lease (0: take none), life of a stamp
 * at least.
 */
export const READ = new LuaScript(`${STAMP}
local entry = redis.call('HMGET', KEYS[1], 'value', 'all', 'tags', 'stale')
local value = entry[1]
if value and entry[2] ~= redis.call('GET', KEYS[3]) then value = false end
if value and entry[3] then
  for key, seen in pairs(cjson.decode(entry[3])) do
    if redis.call('GET', key) ~= seen then value = false end
  end
end
if value and not (entry[4] and redis.call('PTTL', KEYS[1]) <= tonumber(entry[4])) then
  return { 'hit', value }
end
if ARGV[2] == '0' then return { 'none', value } end
local guards = ''
for i = 3, #KEYS do guards = guards .. ' ' .. stamp(KEYS[i], ARGV[1], ARGV[3]) end
local lease = redis.call('GET', KEYS[2])
if lease then
  local token = string.match(lease, '^[^ ]+')
  if lease == token .. guards then return { 'busy', value, token } end
end
redis.call('SET', KEYS[2], ARGV[1] .. guards, 'PX', ARGV[2])
return { 'lease', value, ARGV[1] }
`);

/**
 * KEYS: entry, lease, guards (the first is all), tags. ARGV: token, number of guards, value, life, stale, fresh
 * stamp.
 */
export const FILL = new LuaScript(`${STORE}
local lease = ARGV[1]
for i = 3, 2 + ARGV[2] do lease = lease .. ' ' .. (redis.call('GET', KEYS[i]) or '') end
if redis.call('GET', KEYS[2]) ~= lease then return 0 end
return store(3 + ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
`);

/** KEYS: entry, lease, all, writes, tags. ARGV: the stamp of writes that was seen, value, life, stale, fresh stamp. */
export const PUT = new LuaScript(`${STORE}
local unchanged = redis.call('GET', KEYS[4]) == ARGV[1]
redis.call('DEL', KEYS[4])
if unchanged then return store(5, ARGV[2], ARGV[3], ARGV[4], ARGV[5]) end
redis.call('DEL', KEYS[1], KEYS[2])
return 0
`);

/** KEYS: lease. ARGV: token. */
export const RELEASE = new LuaScript(`
local lease = redis.call('GET', KEYS[1])
if lease and string.match(lease, '^[^ ]+') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);

/** KEYS: stamp. ARGV: fresh stamp, life. */
export const READ_STAMP = new LuaScript(`${STAMP} return stamp(KEYS[1], ARGV[1], ARGV[2])`);
