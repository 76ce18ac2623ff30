const { resolve } = require('node:path');

/**
 * Resolves modules as TypeScript and Node do: `./place.js` is the file place.ts, and a package without a `require`
 * export resolves by its `import` export.
 *
 * @param {string} request
 * @param {import('jest-resolve').ResolverOptions} options
 */
module.exports = function resolveModule(request, options) {
  const find = options.defaultResolver;
  try {
    return find(request, options);
  } catch (error) {
    if (/^\.{1,2}\/.*\.js$/.test(request)) {
      return find(resolve(options.basedir, request.replace(/\.js$/, '.ts')), options);
    }
    if (/^[./]/.test(request)) throw error;
    return find(request, { ...options, conditions: [...(options.conditions ?? []), 'import'] });
  }
};
