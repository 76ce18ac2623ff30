import { randomBytes } from 'node:crypto';

/** Random for the process, counted within it: no two are alike, whatever a server forgets. */
const PROCESS = randomBytes(12).toString('base64url');
let counter = 0;

/** A text like no other, for a lease or a stamp. */
export function uniqueToken(): string {
  return `${PROCESS}.${(counter++).toString(36)}`;
}
