import { requireNode } from './node-version.mjs';

requireNode();
const { runCommand } = await import('./session.mjs');
const { start } = await import('./development.mjs');
const { startHelp } = await import('./help.mjs');

await runCommand({ help: startHelp, work: (session) => start(session, 'npm start') });
