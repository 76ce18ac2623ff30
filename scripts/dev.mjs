import { requireNode } from './node-version.mjs';

requireNode();
const { runCommand } = await import('./session.mjs');
const { develop } = await import('./reload.mjs');
const { devHelp } = await import('./help.mjs');

await runCommand({ help: devHelp, work: (session) => develop(session, 'npm run dev') });
