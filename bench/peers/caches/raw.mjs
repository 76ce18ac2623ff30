// The limit: one GET of ioredis and JSON.parse, and nothing else.
import { Redis } from 'ioredis';

export async function open({ url, load }) {
  const redis = new Redis(url);
  const read = async (id) => {
    const text = await redis.get(`raw:${id}`);
    if (text !== null) return JSON.parse(text);
    const value = await load(id);
    await redis.set(`raw:${id}`, JSON.stringify(value), 'PX', 3_600_000);
    return value;
  };
  return { read, close: () => redis.quit() };
}
