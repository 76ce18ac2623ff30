const settings = `
Settings are environment variables, or lines of a file .env (the environment wins). The usual ones:
  PORT, HOST              where to serve (3000, 0.0.0.0)
  DATABASE_URL            use this PostgreSQL instead of the embedded one
  REDIS_URL               use this Redis instead of one of our own; REDIS_CACHE_URL a second one for the cache
                          (redis://, redis-sentinel:// or redis-cluster://)
  SAMPLE_DATA             on or off: fill an empty database with made-up places and demo accounts
                          (on with the embedded PostgreSQL, else off)
  LOG_LEVEL, LOG_FORMAT   trace, debug, info, warn, error, silent; pretty or json
All of them, with bounds and defaults: .env.example

Data, passwords, keys and the ports chosen are stored in .data/ of this checkout.`;

const others = `
Other commands:
  npm start         start it            npm run dev     the same, reloading when a file in src/ changes
  npm test          tests               npm run reset   delete .data/
  npm run check     lint, types, tests, endurance proofs, tests in a browser`;

export const startHelp = `npm start: everything the API needs, then the API.

Installs the locked packages and compiles the sources when something changed, starts PostgreSQL and Redis, migrates the
database, fills an empty one with sample data, and serves until Ctrl-C, which stops all of it and keeps the data.

Usage: npm start [-- --help]
${settings}
${others}
`;

export const devHelp = `npm run dev: as npm start, and every change in src/ compiles and restarts the API.

A change that does not compile shows its errors; the API keeps running unchanged.

Usage: npm run dev [-- --help]
${settings}
${others}
`;

export const resetHelp = `npm run reset: deletes .data/ of this checkout after asking.

That is the embedded PostgreSQL and Redis with all they hold, their passwords and ports, and the keys of access tokens.
The next npm start makes new ones.

Usage: npm run reset [-- --yes]

  --yes    do not ask
  --help   show this
`;
