import 'reflect-metadata';
import { loadEnv, InvalidSettingsError } from './config/index.js';
import { createDataSource, migrate } from './database/index.js';
import { loadSampleData, loadSampleDataInProduction, warnOfPublishedPasswords } from './sample-data/index.js';

async function main(): Promise<void> {
  const env = loadEnv();
  const dataSource = await createDataSource(env.databaseUrl).initialize();
  try {
    print(`migrations run: ${(await migrate(dataSource)).length}`);
    const isProduction = env.mode === 'production';
    const load = () => (isProduction ? loadSampleDataInProduction(dataSource, print) : loadSampleData(dataSource));
    const data = env.sampleData ? await load() : null;
    if (data) print(`sample data: ${data.places} places, ${data.reviews} reviews, ${data.users} users; all fictitious`);
    if (isProduction) await warnOfPublishedPasswords(dataSource, print);
  } finally {
    await dataSource.destroy();
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof InvalidSettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
