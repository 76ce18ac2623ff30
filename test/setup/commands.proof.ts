import { spawn } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { freePort } from '../../scripts/processes.mjs';
import { Checkout, follow } from '../support/checkout.js';

jest.setTimeout(60_000);

let checkout: Checkout;

beforeAll(async () => {
  checkout = await Checkout.make();
});

afterEach(() => checkout.endAll());
afterAll(() => checkout.remove());

describe('the commands', () => {
  it.each(['start.mjs', 'dev.mjs', 'reset.mjs'])('print help: %s', async (script) => {
    const { code, output } = await checkout.run(script, ['--help']).ended;
    expect(code).toBe(0);
    expect(output).toMatch(/^npm .*:/);
    expect(output).toContain('Usage: npm ');
  });

  it('reject an unknown option and list the known ones', async () => {
    const { code, output } = await checkout.run('start.mjs', ['--prot', '3001']).ended;
    expect([code, output]).toEqual([1, "\nUnknown option '--prot'\n\n  npm start [-- --help]\n"]);
  });

  it('start besides another checkout, but not on its port', async () => {
    const other = await Checkout.make();
    const running = await other.start();
    const PORT = String(other.port);
    const { code, output } = await checkout.run('start.mjs', [], { PORT }).ended;
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(`Port ${PORT} is taken: .*\n\n {2}End that program, or serve on another port: PORT=\\d+ npm start`),
    );
    const beside = await checkout.start();
    expect(Object.keys(await other.processes())).toHaveLength(4);
    expect(Object.keys(await checkout.processes())).toHaveLength(4);
    for (const started of [beside, running]) started.signal('SIGINT');
    expect([(await beside.ended).code, (await running.ended).code]).toEqual([0, 0]);
    await other.remove();
  });

  it('name the unreachable server and its variable', async () => {
    const port = await freePort();
    const { code, output } = await checkout.run('start.mjs', [], { REDIS_URL: `redis://:secret@127.0.0.1:${port}` }).ended;
    expect(code).toBe(1);
    expect(output).toContain(`Nothing answers at 127.0.0.1:${port}, which REDIS_URL names (ECONNREFUSED).`);
    expect(output).toContain('env -u REDIS_URL npm start');
    expect(output).not.toContain('secret');
    expect(await checkout.processes()).toEqual({});
  });
});

describe('npm run reset', () => {
  beforeEach(async () => {
    await mkdir(checkout.path('.data'), { recursive: true });
    await writeFile(checkout.path('.data', 'file'), '');
  });

  it('prints the command without a terminal', async () => {
    const { code, output } = await checkout.run('reset.mjs').ended;
    expect([code, output]).toEqual([
      1,
      '\nNothing was deleted: there is no terminal to ask on.\n\n  npm run reset -- --yes\n',
    ]);
    expect(await readdir(checkout.path('.data'))).toContain('file');
  });

  it.each([
    ['no', 'Nothing was deleted.', ['file']],
    ['yes', 'Deleted ', []],
  ])('asks on a terminal and accepts the reply "%s"', async (response, outcome, left) => {
    const terminal = spawn('script', ['-qec', `${process.execPath} scripts/reset.mjs`, '/dev/null'], {
      cwd: checkout.directory,
    });
    const reset = follow(terminal);
    await reset.untilPrinted('Type yes: ');
    terminal.stdin.write(`${response}\n`);
    expect(await reset.ended).toMatchObject({ code: 0, output: expect.stringContaining(outcome) as string });
    expect((await readdir(checkout.path('.data')).catch(() => [])).filter((name) => name === 'file')).toEqual(left);
  });

  it('deletes without a question with --yes', async () => {
    expect(await checkout.run('reset.mjs', ['--yes']).ended).toMatchObject({ code: 0 });
    await expect(readdir(checkout.path('.data'))).rejects.toThrow('ENOENT');
    expect((await checkout.run('reset.mjs', ['--yes']).ended).output).toContain('Nothing to delete');
  });
});
