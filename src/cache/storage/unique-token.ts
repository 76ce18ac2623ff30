import { randomBytes } from 'node:crypto';

/** Random per process; with the counter no two tokens are equal, even if the server loses its data. */
const PROCESS = randomBytes(12).toString('base64url');
let counter = 0;

/** A unique text for a lease or a stamp. */
export function uniqueToken(): string {
  return `${PROCESS}.${(counter++).toString(36)}`;
}
