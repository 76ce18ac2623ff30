// One GET of ioredis: what the round trip alone costs. It gives text, not a place.
import { Redis } from 'ioredis';

export async function open({ url, load }) {
  const redis = new Redis(url);
  const read = async (id) => {
    const text = await redis.get(`bare:${id}`);
    if (text !== null) return text;
    await redis.set(`bare:${id}`, JSON.stringify(await load(id)), 'PX', 3_600_000);
    return redis.get(`bare:${id}`);
  };
  return { read, close: () => redis.quit() };
}
