import type { DestinationStream, pino } from 'pino';

/** Size and age (in milliseconds) at which a batch is written: no request waits for a write. */
const BATCH_CHARACTERS = 8_192;
const BATCH_MS = 200;

type Destination = ReturnType<typeof pino.destination>;

/** Buffers log lines and passes them to the destination in batches: passing on a line costs more than creating it. */
export class BufferedDestination implements DestinationStream {
  private lines = '';
  private timer: NodeJS.Timeout | undefined;
  private flushesAtExit = false;

  /** @param destination writes each batch at once */
  constructor(private readonly destination: Destination) {}

  /** The remaining lines are written when the process exits. */
  write(line: string): void {
    if (!this.flushesAtExit) process.once('exit', () => this.flushSync());
    this.flushesAtExit = true;
    this.lines += line;
    if (this.lines.length >= BATCH_CHARACTERS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), BATCH_MS).unref();
  }

  /** Called by pino after the last line. */
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
