import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { PasswordHasher } from '../auth/index.js';
import type { SampleDataCounts } from './fill-tables.js';
import { DEMO_PASSWORD, loadSampleData } from './load-sample-data.js';
import { DEMO_ACCOUNTS } from './people.js';

type Print = (line: string) => void;

/**
 * Loads the sample data with a random password for each demo account, and outputs the passwords, of which only hashes
 * are stored.
 * @param print receives each line of output
 * @returns null if the database already has users or places
 */
export async function loadSampleDataInProduction(
  dataSource: DataSource,
  print: Print,
): Promise<SampleDataCounts | null> {
  const passwords = DEMO_ACCOUNTS.map(() => randomBytes(18).toString('base64url'));
  const counts = await loadSampleData(dataSource, passwords);
  if (counts === null) return null;
  print('warning: SAMPLE_DATA=on in production: fictitious data and demo accounts, one of them an admin');
  for (const [index, { email }] of DEMO_ACCOUNTS.entries()) {
    print(`demo account ${email}, password ${passwords[index] ?? ''} (shown only now)`);
  }
  return counts;
}

/** Warns about each demo account that uses the published demo password. */
export async function warnOfPublishedPasswords(dataSource: DataSource, print: Print): Promise<void> {
  const accounts = await dataSource.query<{ email: string; password_hash: string }[]>(
    `SELECT email, password_hash FROM app_user
      WHERE lower(email) = ANY($1) AND password_hash IS NOT NULL ORDER BY email`,
    [DEMO_ACCOUNTS.map(({ email }) => email)],
  );
  const hasher = new PasswordHasher();
  for (const { email, password_hash: hash } of accounts) {
    if (!(await hasher.verify(hash, DEMO_PASSWORD))) continue;
    print(`warning: ${email} has the published demo password: change it (PUT /auth/password) or delete the account`);
  }
}
