// Loaded before a process that is to be profiled: SIGUSR2 begins a CPU profile, the next one ends it and writes it to the
// file that BENCH_PROFILE names.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

const session = new Session();
let profiling = false;

async function toggle(): Promise<void> {
  if (!profiling) {
    profiling = true;
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 500 });
    await session.post('Profiler.start');
    return;
  }
  profiling = false;
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  writeFileSync(process.env.BENCH_PROFILE ?? `${process.pid}.cpuprofile`, JSON.stringify(profile));
}

process.on('SIGUSR2', () => void toggle());
