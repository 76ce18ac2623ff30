import 'reflect-metadata';
import { loadEnv, InvalidSettingsError } from './config/index.js';
import { createDataSource, migrate } from './database/index.js';
import { loadSampleData } from './sample-data/index.js';

async function main(): Promise<void> {
  const env = loadEnv();
  const dataSource = await createDataSource(env.databaseUrl).initialize();
  try {
    tell(`migrations run: ${(await migrate(dataSource)).length}`);
    const loaded = env.sampleData ? await loadSampleData(dataSource) : null;
    if (loaded) tell(`sample data: ${loaded.places} places, ${loaded.reviews} reviews, ${loaded.users} users; made up`);
  } finally {
    await dataSource.destroy();
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof InvalidSettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
