import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { Checkout } from '../support/checkout.js';

jest.setTimeout(120_000);

describe('npm run dev', () => {
  it('restarts the API after a change that compiles, and keeps it running otherwise', async () => {
    const checkout = await Checkout.make();
    const main = checkout.path('src', 'main.ts');
    const before = await readFile(main, 'utf8');
    const dev = checkout.run('dev.mjs');
    await dev.untilPrinted('Watching src/');
    await appendFile(main, "process.stdout.write('the new one runs\\n');\n");
    await dev.untilPrinted('the new one runs');
    await dev.untilPrinted('✓ Restart the API');

    await writeFile(main, `${before}export const wrong: number = 'text';\n`);
    await dev.untilPrinted('1 error: the API keeps running unchanged.');
    await dev.untilPrinted("Type 'string' is not assignable to type 'number'");
    expect((await fetch(`http://127.0.0.1:${checkout.port}/health/ready`)).status).toBe(200);

    dev.signal('SIGINT');
    expect(await dev.ended).toMatchObject({ code: 0 });
    expect(await checkout.processes()).toEqual({});
    await checkout.remove();
  });
});
