/**
 * Files that may use HTTP and SQL, as regular expressions on paths from the repository's folder.
 * ESLint (`eslint.config.mjs`) and `.dependency-cruiser.cjs` read them from here.
 *
 * @type {Readonly<Record<'http' | 'sql', readonly string[]>>}
 */
module.exports = {
  http: [
    '[.](controller|guard|interceptor|filter|middleware|strategy|decorator|pipe|http|plugin)[.]ts$',
    '^src/http/',
    '^src/common/(http/|nest-internals[.]ts$)',
    '^src/observability/',
    '^src/[^/]+[.]ts$',
  ],
  sql: [
    '[.](repository|entity)[.]ts$',
    '^src/database/',
    '^src/sample-data/(load-sample-data|fill-tables|production)[.]ts$',
  ],
};
