import { setTimeout as pause } from 'node:timers/promises';
import { VersioningType } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { InputValidationPipe } from '../common/index.js';
import { Env } from '../config/index.js';
import { HealthService } from '../health/index.js';
import { AppLogger, createPino } from '../observability/index.js';
import { registerPlugins } from './plugins.js';

/** Configures everything outside the modules; the same in production and in tests. */
export async function setUpApp(app: NestFastifyApplication): Promise<NestFastifyApplication> {
  const { logLevel, logFormat } = app.get(Env);
  const pino = createPino({ level: logLevel, format: logFormat });
  app.useLogger(new AppLogger(pino));
  app.useGlobalPipes(new InputValidationPipe());
  setUpRoutes(app);
  await registerPlugins(app, pino);
  return app;
}

/** Sets the path prefix of all routes to `/api/v1`, except for health. */
export function setUpRoutes(app: NestFastifyApplication): void {
  app.setGlobalPrefix('api', { exclude: ['health/{*rest}'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
}

/**
 * Drains an instance before shutdown, so that no client notices: first readiness fails while everything is still
 * served; then new connections are rejected, and requests on open ones are still served.
 */
export async function drain(app: NestFastifyApplication): Promise<void> {
  app.get(HealthService, { strict: false }).beginShutdown();
  await pause(app.get(Env).shutdownDelayMs);
  await app.getHttpAdapter().getInstance().connections.drain();
}
