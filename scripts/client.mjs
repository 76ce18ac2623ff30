// npm run client: generates the types of the test client from the OpenAPI document of the build.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const target = 'test/openapi/schema.d.ts';
const directory = mkdtempSync(join(tmpdir(), 'ecogreen-client-'));
try {
  const document = join(directory, 'openapi.json');
  writeFileSync(document, execFileSync(process.execPath, ['scripts/openapi.mjs'], { maxBuffer: 50_000_000 }));
  const generator = ['node_modules/openapi-typescript/bin/cli.js', document, '--default-non-nullable=false'];
  const types = execFileSync(process.execPath, generator);
  writeFileSync(target, types);
  console.log(`wrote ${target}`);
} finally {
  rmSync(directory, { recursive: true });
}
