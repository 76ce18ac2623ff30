import type { DestinationStream, pino } from 'pino';

/** A batch goes out once it has so many characters, or so much time has passed: no request waits for a write. */
const BATCH_CHARACTERS = 8_192;
const BATCH_MS = 200;

type Destination = ReturnType<typeof pino.destination>;

/** Hands lines to where they are written in batches: to hand over each costs more than to make it. */
export class BufferedDestination implements DestinationStream {
  private lines = '';
  private timer: NodeJS.Timeout | undefined;

  /** @param destination writes what it is given at once; at the exit of the process what is left is written, too */
  constructor(private readonly destination: Destination) {
    process.once('exit', () => this.flushSync());
  }

  write(line: string): void {
    this.lines += line;
    if (this.lines.length >= BATCH_CHARACTERS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), BATCH_MS).unref();
  }

  /** Called by pino when a line is the last. */
  flushSync(): void {
    this.flush();
    this.destination.flushSync();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.lines !== '') this.destination.write(this.lines);
    this.lines = '';
  }
}
