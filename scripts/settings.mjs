// npm run settings: writes docs/settings.md from src/config/env.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsDocument } from './settings-document.mjs';

const root = join(import.meta.dirname, '..');
const name = 'docs/settings.md';
const file = join(root, name);
const before = readFileSync(file, 'utf8');
const after = settingsDocument(readFileSync(join(root, 'src', 'config', 'env.ts'), 'utf8'));
if (after !== before) writeFileSync(file, after);
process.stdout.write(`${name}: ${after === before ? 'up to date' : 'written'}\n`);
