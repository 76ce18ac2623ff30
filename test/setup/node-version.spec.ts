import { execFile } from 'node:child_process';
import { join } from 'node:path';

const START = join(__dirname, '../../scripts/start.mjs');

/** Exit code and messages of `npm start -- --help` with another `process.versions.node`. */
function startOn(version: string): Promise<{ code: unknown; messages: string }> {
  const setVersion = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`;
  return new Promise((resolve) => {
    const args = ['--import', `data:text/javascript,${setVersion}`, START, '--help'];
    execFile(process.execPath, args, (error, _output, messages) => resolve({ code: error?.code ?? 0, messages }));
  });
}

describe('the Node version', () => {
  it.each(['20.19.0', '22.12.0', '24.9.0', '25.0.0'])('is supported: %s', async (version) => {
    expect(await startOn(version)).toEqual({ code: 0, messages: '' });
  });

  it.each(['18.20.0', '20.18.0', '22.11.0', '26.0.0'])('is rejected by the commands: %s', async (version) => {
    const { code, messages } = await startOn(version);
    expect([code, messages]).toEqual([1, expect.stringContaining('needs Node 20.19 or newer')]);
  });
});
