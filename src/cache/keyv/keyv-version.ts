/**
 * Keyv 6 has no prefix of its own and another contract with its storage: @nestjs/cache-manager would lose the
 * namespace and clear what belongs to others.
 *
 * @param keyv an instance of whatever version is installed
 * @throws Error that names the cure
 */
export function refuseKeyv6(keyv: object): void {
  if ('opts' in keyv) return;
  throw new Error('Keyv 6 or later is installed, with which CACHE_MANAGER does not work; run: npm install keyv@5.6');
}
