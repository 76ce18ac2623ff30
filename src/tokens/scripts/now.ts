/** Lua: `now`, the server's clock in milliseconds. One clock for all instances, however theirs differ. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;
