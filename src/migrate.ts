import 'reflect-metadata';
import { loadEnv, InvalidSettingsError } from './config/index.js';
import { createDataSource, migrate } from './database/index.js';

async function main(): Promise<void> {
  const env = loadEnv();
  const dataSource = await createDataSource(env.databaseUrl).initialize();
  try {
    const names = await migrate(dataSource);
    process.stdout.write(`migrations run: ${names.length}\n`);
  } finally {
    await dataSource.destroy();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof InvalidSettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
