import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { InvalidSettingsError, loadEnv } from './config/index.js';
import { createAdapter, drain, listenOrExplain, setUpApp, stopOnSignals } from './http/index.js';

async function main(): Promise<void> {
  const env = loadEnv();
  const options = { bodyParser: false, bufferLogs: true, abortOnError: false };
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(env), options);
  await setUpApp(app);
  stopOnSignals(app, () => drain(app));
  await app.init();
  await listenOrExplain(app, env, () => app.listen(env.port, env.host));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof InvalidSettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
