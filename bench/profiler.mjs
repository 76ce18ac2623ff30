// node --import ./bench/profiler.mjs …, with IPC: the message `profile: start` starts a CPU profile, `profile: stop`
// writes it to BENCH_PROFILE. The start of the process is then not in it.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const MICROS_BETWEEN_SAMPLES = 250;
const session = new Session();

process.on('message', (message) => {
  if (message === 'profile: start') void start().then(() => process.send?.('profile: started'));
  if (message === 'profile: stop') void stop().then(() => process.send?.('profile: written'));
});

async function start() {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: MICROS_BETWEEN_SAMPLES });
  await session.post('Profiler.start');
}

async function stop() {
  const { profile } = await session.post('Profiler.stop');
  writeFileSync(process.env.BENCH_PROFILE ?? 'bench.cpuprofile', JSON.stringify(profile));
  session.disconnect();
}
