// Draws a CPU profile of V8 as a flame graph: `flame.ts PROFILE.cpuprofile PICTURE.svg [TITLE]`.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawFlame } from './flame/drawing.ts';
import { type CpuProfile, fold } from './flame/profile.ts';

const [source, target, title = basename(source ?? '', '.cpuprofile')] = process.argv.slice(2);
if (source === undefined || target === undefined) {
  console.error('usage: flame.ts PROFILE.cpuprofile PICTURE.svg [TITLE]');
  process.exit(1);
}
const profile: CpuProfile = JSON.parse(readFileSync(source, 'utf8'));
const root = fileURLToPath(new URL('..', import.meta.url));
writeFileSync(target, drawFlame(fold(profile, root), title));
