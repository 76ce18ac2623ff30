// Ours: the application's own modules, and beside them a service with a cached method, decorated by hand, so that no
// compiler is needed.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../../dist/app.module.js';
import { Cacheable, CacheEvict, CacheManager } from '../../../dist/cache/index.js';

/** @param {{ load: (id: number) => Promise<object> }} settings */
export async function open({ load }) {
  class BenchService {
    getPlace(/** @type {number} */ id) {
      return load(id);
    }

    clear() {
      return Promise.resolve();
    }
  }
  decorate(BenchService, 'getPlace', Cacheable({ cache: 'bench', key: (id) => id, ttl: '1h', sync: true }));
  decorate(BenchService, 'clear', CacheEvict({ cache: 'bench', allEntries: true }));
  class BenchModule {}
  Module({ imports: [AppModule], providers: [BenchService] })(BenchModule);

  const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['fatal'], abortOnError: false });
  const service = app.get(BenchService);
  const cache = app.get(CacheManager).get('bench');
  return {
    read: (id) => service.getPlace(id),
    clear: () => service.clear(),
    clearByHand: () => cache.clear(),
    close: () => app.close(),
  };
}

function decorate(type, name, decorator) {
  decorator(type.prototype, name, Object.getOwnPropertyDescriptor(type.prototype, name));
}
