// What a script in place of a GET costs: the value and its stamp from a hash, the stamp of the cache, and JSON.parse.
import { Redis } from 'ioredis';

const READ = `
local entry = redis.call('HMGET', KEYS[1], 'value', 'all')
if entry[1] and entry[2] == redis.call('GET', KEYS[2]) then return entry[1] end
return false
`;
const STAMP = 'script:all';

export async function open({ url, load }) {
  const redis = new Redis(url);
  redis.defineCommand('readEntry', { numberOfKeys: 2, lua: READ });
  const read = async (id) => {
    const text = await redis.readEntry(`script:${id}`, STAMP);
    if (text !== null) return JSON.parse(text);
    const value = await load(id);
    await redis.set(STAMP, '1');
    await redis.hset(`script:${id}`, { value: JSON.stringify(value), all: '1' });
    return value;
  };
  return { read, close: () => redis.quit() };
}
