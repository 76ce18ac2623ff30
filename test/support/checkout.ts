import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startTimeOf, freePort } from '../../scripts/processes.mjs';

/** Exit code and complete output of a command. */
export interface ExitResult {
  readonly code: number | null;
  readonly output: string;
}

/** A running command. */
export interface RunningCommand {
  readonly output: string;
  readonly ended: Promise<ExitResult>;
  signal(signal: NodeJS.Signals): void;
  /** Waits until the output contains the text; fails if the command ends without it. */
  untilPrinted(text: string): Promise<void>;
}

/** Content of `.data/local.json`. */
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
  private readonly commands: RunningCommand[] = [];

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

  /** Runs `npm start` until the API is ready. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<RunningCommand> {
    const running = this.run('start.mjs', [], env);
    await running.untilPrinted('is ready after');
    return running;
  }

  /** Runs a script as npm does. */
  run(script: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): RunningCommand {
    return this.spawn(process.execPath, [join('scripts', script), ...args], env);
  }

  /** Runs a program in this checkout, with few log lines and on the loopback interface. */
  spawn(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand {
    const settings = { PORT: String(this.port), LOG_LEVEL: 'error', SAMPLE_DATA: 'off', HOST: '127.0.0.1' };
    const child = spawn(program, args, {
      cwd: this.directory,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings, ...env },
    });
    const running = follow(child);
    this.commands.push(running);
    return running;
  }

  /** Ends all commands that a failed test left running. */
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

  /** Pids of the processes of this checkout, by name: start, api, postgres, redis. */
  async processes(): Promise<Record<string, number>> {
    const folder = this.path('.data', 'running');
    const records = (await readdir(folder).catch(() => [])).map(async (file) => {
      const { pid } = JSON.parse(await readFile(join(folder, file), 'utf8')) as { pid: number };
      return [file.replace('.json', ''), pid] as const;
    });
    return Object.fromEntries((await Promise.all(records)).filter(([, pid]) => startTimeOf(pid) !== undefined));
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Collects the output of a child process. */
export function follow(child: ChildProcess): RunningCommand {
  let output = '';
  let onOutput = (): void => undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
      onOutput();
    });
  }
  const ended = new Promise<ExitResult>((settle) => {
    child.once('exit', (code) => {
      const end = () => {
        settle({ code, output });
      };
      // All output precedes `close`, which does not come while an orphan of a killed command holds the pipe.
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
    untilPrinted: async (text) => {
      const printed = new Promise<true>((settle) => {
        onOutput = () => {
          if (output.includes(text)) settle(true);
        };
        onOutput();
      });
      if ((await Promise.race([printed, ended])) !== true) throw new Error(`it ended without "${text}":\n${output}`);
    },
  };
}
