/**
 * Rejects Keyv 6, which has no prefix of its own and another store contract: @nestjs/cache-manager would lose the
 * namespace and clear the keys of others.
 *
 * @param keyv an instance of the installed version
 * @throws Error that names the fix
 */
export function refuseKeyv6(keyv: object): void {
  if ('opts' in keyv) return;
  throw new Error('Keyv 6 or later is installed, with which CACHE_MANAGER does not work; run: npm install keyv@5.6');
}
