/**
 * Error replies that refuse a command regardless of its arguments: failed authentication, missing rights, and commands
 * that the configuration of the server disables. Redis 7.0 uses other messages inside scripts.
 */
const REFUSAL = new RegExp(
  [
    '^(NOPERM|NOAUTH|WRONGPASS|DENIED)\\b',
    '^ERR (The user executing the script|ACL failure in script)',
    '^ERR unknown (redis )?command',
  ].join('|'),
  'i',
);

/** Whether an error reply refuses a command for lack of rights. */
export function isRefusal(error: Error): boolean {
  return REFUSAL.test(error.message);
}
