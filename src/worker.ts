import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { fastify } from 'fastify';
import { AppModule } from './app.module.js';
import { InvalidSettingsError, loadEnv } from './config/index.js';
import { listenOrExplain, stopOnSignals } from './http/index.js';
import { JobWorker } from './jobs/index.js';
import { AppLogger, createPino, Metrics, metricsRoute } from './observability/index.js';

/** A process that runs jobs; its HTTP server provides only the liveness probe and metrics. */
async function main(): Promise<void> {
  const env = loadEnv();
  const app = await NestFactory.createApplicationContext(AppModule, { bufferLogs: true, abortOnError: false });
  app.useLogger(new AppLogger(createPino({ level: env.logLevel, format: env.logFormat })));
  stopOnSignals(app);
  const server = fastify();
  server.get('/health/live', () => ({ status: 'ok' }));
  metricsRoute(server, { metrics: app.get(Metrics, { strict: false }), token: env.metricsToken });
  await listenOrExplain(app, env, () => server.listen({ port: env.port, host: env.host }));
  app.get(JobWorker, { strict: false }).start();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof InvalidSettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
