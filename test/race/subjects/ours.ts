import { Inject, Injectable, type Type } from '@nestjs/common';
import { Transactional } from '@nestjs-cls/transactional';
import { Cacheable, CacheEvict, CachePut, type CacheCall } from '../../../src/cache/index.js';
import { Ledger } from '../ledger.js';
import type { Row } from '../model.js';
import type { Subject } from '../schedule-runner.js';
import { SHORT_LIFE_MS, type Read, type Write } from '../schedule.js';

type Service = Record<Read, (id: number) => Promise<Row>> & Record<Write, (id: number, by: number) => Promise<Row>>;

const key = (id: number) => id;
const tags = (id: number) => [`row:${id}`];

/** A service with the decorators of the cache, and caches of its own. */
// eslint-disable-next-line max-lines-per-function -- it only declares a class
export function serviceOf(lane: number): Type<Service> {
  const [plain, byResult, shortLived] = [`race-${lane}`, `race-${lane}-by-result`, `race-${lane}-short-lived`];
  const cache = [plain, byResult, shortLived];

  @Injectable()
  class CachedLedger implements Service {
    constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

    @Cacheable({ cache: plain, key, tags })
    get(id: number): Promise<Row> {
      return this.ledger.load(id);
    }

    @Cacheable({
      cache: byResult,
      key,
      tags(this: CacheCall<Row>) {
        return tags(this.result.id);
      },
    })
    getTaggedByResult(id: number): Promise<Row> {
      return this.ledger.load(id);
    }

    /** Early refresh, soft timeout and stale-if-error: every way to serve an expired value. */
    @Cacheable({ cache: shortLived, key, tags, ttl: SHORT_LIFE_MS, staleIfError: '5s', softTimeout: 5 })
    getShortLived(id: number): Promise<Row> {
      return this.ledger.load(id);
    }

    @CacheEvict({ cache, key })
    evict(id: number, by: number): Promise<Row> {
      return this.ledger.write(id, by);
    }

    @CacheEvict({ cache, key })
    @Transactional()
    evictInTransaction(id: number, by: number): Promise<Row> {
      return this.ledger.write(id, by);
    }

    @Transactional()
    @CacheEvict({ cache, tags })
    evictTag(id: number, by: number): Promise<Row> {
      return this.ledger.write(id, by);
    }

    @Transactional()
    @CacheEvict({ cache, allEntries: true })
    evictAll(id: number, by: number): Promise<Row> {
      return this.ledger.write(id, by);
    }

    @Transactional()
    @CacheEvict({ cache, key, beforeInvocation: true })
    evictEarly(id: number, by: number): Promise<Row> {
      return this.ledger.write(id, by);
    }

    @CachePut({ cache: plain, key, tags })
    @CacheEvict({ cache: [byResult, shortLived], key })
    @Transactional()
    put(id: number, by: number): Promise<Row> {
      return this.ledger.write(id, by);
    }
  }
  return CachedLedger;
}

export function subjectOf(service: Service): Subject {
  return { read: (how, id) => service[how](id), write: (how, id, by) => service[how](id, by) };
}
