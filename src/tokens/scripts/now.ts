/** Lua: `now`, the server's time in ms since 1970. One clock for all instances, regardless of clock skew. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;
