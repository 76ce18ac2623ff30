import { ApiProperty } from '@nestjs/swagger';
import { COUNTER_ENTRIES } from '../../cache/index.js';
import type { CacheOverview } from '../admin-caches.service.js';

/** A cache and its statistics in the responding instance since its start. */
export class CacheDto {
  /**
   * Name of the cache.
   * @example 'place'
   */
  @ApiProperty()
  name!: string;

  /**
   * Default time to live of a value, in milliseconds.
   * @example 1800000
   */
  @ApiProperty()
  ttlMs!: number;

  /**
   * Mean duration of a load in milliseconds; null if there was none.
   * @example 4.2
   */
  @ApiProperty({ format: 'double' })
  meanLoadMs!: number | null;

  static from({ name, ttlMs, stats: { loadMs, ...counts } }: CacheOverview): CacheDto {
    const meanLoadMs = counts.loads === 0 ? null : loadMs / counts.loads;
    return Object.assign(new CacheDto(), { name, ttlMs, meanLoadMs, ...counts });
  }
}

// The other fields are the counters of the cache; those above are decorated in order to come first.
for (const [counter, { help }] of COUNTER_ENTRIES) {
  if (counter !== 'loadMs') ApiProperty({ type: Number, description: help, example: 0 })(CacheDto.prototype, counter);
}
