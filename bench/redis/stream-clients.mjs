// A process with many clients of GET /notifications/stream. Started and controlled by notifications.mjs.
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const AT_ONCE = 100;
/** By the title of an announcement: when each client had it, on a clock that all processes share. */
const arrivals = new Map();

process.on('message', ({ open, arrived }) => {
  if (open !== undefined) void openAll(open).then(() => process.send({ opened: open.count }));
  if (arrived !== undefined) process.send({ times: arrivals.get(arrived) ?? [] });
});
process.on('disconnect', () => process.exit());

async function openAll({ port, tokens, count }) {
  for (let opened = 0; opened < count; opened += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - opened) }, (_, at) => opened + at);
    await Promise.all(numbers.map((number) => openOne(port, tokens[number % tokens.length])));
  }
}

/** Resolves when the stream has begun. */
function openOne(port, token) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const headers = `Host: bench\r\nAuthorization: Bearer ${token}\r\n`;
      socket.write(`GET /api/v1/notifications/stream HTTP/1.1\r\n${headers}\r\n`);
    });
    let isOpen = false;
    socket.on('data', (bytes) => {
      const at = performance.timeOrigin + performance.now();
      const text = bytes.toString();
      if (!isOpen && !text.startsWith('HTTP/1.1 200')) reject(new Error(text.slice(0, 200)));
      if (text.includes(': connected')) resolve();
      isOpen = true;
      for (const [, title] of text.matchAll(/"title":"(round \d+)"/g)) {
        if (!arrivals.has(title)) arrivals.set(title, []);
        arrivals.get(title).push(at);
      }
    });
    socket.on('error', reject).on('close', () => reject(new Error('a stream was closed')));
  });
}
