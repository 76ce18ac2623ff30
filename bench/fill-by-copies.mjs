const FIRST = 1_000_001;
const SENTINEL = FIRST - 1;
const COPIES_A_CALL = 5_000;
const SAMPLE = 5;

/** Copies keys within Redis, under names in which one number is another. */
const COPY = `
for id = tonumber(ARGV[2]), tonumber(ARGV[3]) do
  for _, key in ipairs(KEYS) do
    redis.call('COPY', key, (string.gsub(key, ARGV[1], tostring(id), 1)), 'REPLACE')
  end
end
return 1
`;

/**
 * Fills a cache with copies of one entry that it made itself, whatever its format; Redis makes them, which takes
 * seconds where reading through the cache would take minutes.
 *
 * @returns {Promise<number[]>} some of the ids that are cached now; each was read from the cache and was a hit
 */
export async function fillByCopies({ redis, peer, count }) {
  const known = new Set(await redis.keys('*'));
  await peer.ask('loadsOf', { ids: [SENTINEL] });
  const keys = (await redis.keys(`*${SENTINEL}*`)).filter((key) => !known.has(key));
  if (keys.length === 0) throw new Error(`no key of ${peer.title} holds the id of its entry`);
  const last = FIRST + count - 1;
  for (let from = FIRST; from <= last; from += COPIES_A_CALL) {
    const to = Math.min(last, from + COPIES_A_CALL - 1);
    await redis.eval(COPY, keys.length, ...keys, String(SENTINEL), from, to);
  }
  const sample = Array.from({ length: SAMPLE }, (_, index) => FIRST + Math.floor((index * (count - 1)) / (SAMPLE - 1)));
  const loads = await peer.ask('loadsOf', { ids: sample });
  if (loads > 0) throw new Error(`${peer.title} does not find ${loads} of ${SAMPLE} entries that were copied`);
  return sample;
}
