import { createCacheApp } from './cache-app.js';
import { Notes } from './deferred-notes.js';

/** A process that begins to load a note, reports that to its parent, and never finishes. */
process.once('message', (redisUrl: string) => {
  void createCacheApp({ redisUrl, providers: [Notes] }).then(async (app) => {
    const notes = app.get(Notes);
    void notes.get(1);
    await notes.source.started();
    process.send?.('loads');
  });
});
