import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { birthOf, freePort } from '../../scripts/processes.mjs';

/** How a command ended, and all it said. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A command that runs. */
export interface Running {
  readonly output: string;
  readonly ended: Promise<Ended>;
  signal(signal: NodeJS.Signals): void;
  /** Waits until it has said this; fails when it ends without. */
  says(text: string): Promise<void>;
}

/** What the start-up keeps in `.data/local.json`. */
export interface LocalData {
  readonly postgresPort: number;
  readonly postgresPassword: string;
  readonly redisPort: number;
  readonly redisPassword: string;
  readonly jwtKey: string;
}

const copied = ['scripts', 'src', 'dist', 'package.json', 'package-lock.json', 'nest-cli.json', 'tsconfig.json'];
const project = resolve(__dirname, '..', '..');

/** A copy of this checkout without `.data/`, in a folder that only its owner may enter; packages are shared. */
export class Checkout {
  private readonly commands: Running[] = [];

  private constructor(
    readonly directory: string,
    readonly port: number,
  ) {}

  static async make(): Promise<Checkout> {
    const directory = await mkdtemp(join(process.env.TEST_RUN_DIR ?? '', 'checkout-'));
    for (const name of [...copied, 'tsconfig.build.json']) {
      await cp(join(project, name), join(directory, name), { recursive: true });
    }
    await symlink(join(project, 'node_modules'), join(directory, 'node_modules'));
    return new Checkout(directory, await freePort());
  }

  /** `npm start`, ready. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<Running> {
    const running = this.run('start.mjs', [], env);
    await running.says('is ready after');
    return running;
  }

  /** One of the scripts, as npm runs it. */
  run(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Running {
    return this.spawn(process.execPath, [join('scripts', script), ...args], env);
  }

  /** A command in this checkout, with settings that keep it quiet and to itself. */
  spawn(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const settings = { PORT: String(this.port), LOG_LEVEL: 'error', SAMPLE_DATA: 'off', HOST: '127.0.0.1' };
    const child = spawn(program, args, {
      cwd: this.directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings, ...env },
    });
    const running = follow(child);
    this.commands.push(running);
    return running;
  }

  /** Ends what a test that failed half-way left running. */
  async endAll(): Promise<void> {
    for (const command of this.commands.splice(0)) {
      command.signal('SIGTERM');
      await command.ended;
    }
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  async localData(): Promise<LocalData> {
    return JSON.parse(await readFile(this.path('.data', 'local.json'), 'utf8')) as LocalData;
  }

  /** Names and pids of what runs for this checkout: start, api, postgres, redis. */
  async processes(): Promise<Record<string, number>> {
    const folder = this.path('.data', 'running');
    const records = (await readdir(folder).catch(() => [])).map(async (file) => {
      const { pid } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { pid: number };
      return [file.replace('.json', ''), pid] as const;
    });
    return Object.fromEntries((await Promise.all(records)).filter(([, pid]) => birthOf(pid) !== undefined));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Collects what a child says. */
export function follow(child: ChildProcess): Running {
  let output = '';
  let heard = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
      heard();
    });
  }
  const ended = new Promise<Ended>((settle) => {
    child.once('exit', (code) => {
      const end = () => {
        settle({ code, output });
      };
      // Its last words come before `close`, which never comes while an orphan of a killed command holds the pipe.
      child.once('close', end);
      setTimeout(end, 200);
    });
  });
  return {
    get output() {
      return output;
    },
    ended,
    signal: (signal) => void child.kill(signal),
    says: async (text) => {
      const said = new Promise<true>((settle) => {
        heard = () => {
          if (output.includes(text)) settle(true);
        };
        heard();
      });
      if ((await Promise.race([said, ended])) !== true) throw new Error(`it ended without "${text}":\n${output}`);
    },
  };
}
