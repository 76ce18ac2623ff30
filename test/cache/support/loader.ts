import { createCacheApp } from './cache-app.js';
import { Notes } from './deferred-notes.js';

/** A process that begins to load a note, says so, and never ends. */
process.once('message', (redisUrl: string) => {
  void createCacheApp({ redisUrl, providers: [Notes] }).then(async (app) => {
    const notes = app.get(Notes);
    void notes.get(1);
    await notes.source.started();
    process.send?.('loads');
  });
});
