import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@vestibule/shared/test/server-process';
import { thisTree } from './contender.ts';
import { drive } from './drive.ts';
import { drawFlame } from './flame/drawing.ts';
import { type CpuProfile, fold } from './flame/profile.ts';
import type { Side } from './measure.ts';

const notOurs = ['postgres', 'nats', 'redis'];

/**
 * Drives one more run while each process of ours profiles itself, and draws what came of it: `FOLDER/WORKLOAD-NAME.svg`
 * beside the profile. Of several replicas one profile is left.
 */
export async function profileRun(
  workload: string,
  { name, urls, watched, load }: Side,
  { folder, connections, seconds }: { folder: string; connections: number; seconds: number },
): Promise<void> {
  const ours = watched.filter((one) => !notOurs.includes(one.name));
  const signal = () => {
    for (const { pid } of ours) process.kill(pid, 'SIGUSR2');
  };
  signal();
  await drive(name, load, { urls, connections, seconds });
  signal();
  for (const part of new Set(ours.map((one) => one.name))) {
    const written = join(folder, `${part}.cpuprofile`);
    const isWhole = () => existsSync(written) && readFileSync(written, 'utf8').endsWith('}');
    await until(`${part} writes its profile`, isWhole, 30_000);
    const kept = join(folder, `${workload}-${part}`);
    renameSync(written, `${kept}.cpuprofile`);
    const profile: CpuProfile = JSON.parse(readFileSync(`${kept}.cpuprofile`, 'utf8'));
    writeFileSync(`${kept}.svg`, drawFlame(fold(profile, thisTree), `${part}: ${workload}`));
  }
}
