import type { LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { Env, loadEnv } from '../../src/config/index.js';
import type { TestServers } from './test-servers.js';

/** Signing key of access tokens in tests. */
export const TEST_JWT_KEYS = 'only-for-tests-Tq7vXk2MzR9bWc4LdN8sH';

/** Discards the log of Nest; with `LOUD=1` it goes to the console. */
const silentLogger: LoggerService = process.env['LOUD']
  ? console
  : { log: () => undefined, warn: () => undefined, error: () => undefined };

/** Settings of a process on the given servers; other servers have unreachable addresses. */
export function testEnv(servers: Partial<TestServers>, overrides: Readonly<Record<string, string>> = {}): Env {
  const { databaseUrl = 'postgres://unused/none', redisUrl = 'redis://unused' } = servers;
  return loadEnv({
    NODE_ENV: 'test',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    JWT_KEYS: TEST_JWT_KEYS,
    LOG_LEVEL: 'silent',
    ...overrides,
  });
}

/** Builder of a part of the application, with the given settings and a silent log. */
export function testingModule(metadata: ModuleMetadata, env: Env): TestingModuleBuilder {
  return Test.createTestingModule(metadata).overrideProvider(Env).useValue(env).setLogger(silentLogger);
}
