// What a captcha picture costs, ours beside svg-captcha's own: CPU time of the whole process, by turns, so that both
// see the same machine. usage: node bin/launch.mjs node bench/captcha.ts [--pictures 500] [--turns 7]
import { parseArgs } from 'node:util';
import { kinds, randomText } from './captcha-kinds.ts';
import { spreadOf } from './statistics.ts';
import { spread } from './text.ts';

const { values } = parseArgs({
  options: { pictures: { type: 'string', default: '500' }, turns: { type: 'string', default: '7' } },
});
const pictures = Number(values.pictures);

type Turn = { cpuMicros: number; bytes: number };

async function turn(draw: (text: string) => Promise<Buffer>): Promise<Turn> {
  const before = process.cpuUsage();
  let bytes = 0;
  for (let picture = 0; picture < pictures; picture += 1) bytes += (await draw(randomText(5))).length;
  const { user, system } = process.cpuUsage(before);
  return { cpuMicros: (user + system) / pictures, bytes: bytes / pictures };
}

/** Until all glyphs are drawn, as they are in a service that has worked for a while. */
async function warmUp(): Promise<void> {
  for (const draw of Object.values(kinds)) {
    for (let picture = 0; picture < 1000; picture += 1) await draw(randomText(5));
  }
}

await warmUp();
const turns: Record<string, Turn[]> = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
for (let number = 0; number < Number(values.turns); number += 1) {
  for (const [kind, draw] of Object.entries(kinds)) turns[kind]?.push(await turn(draw));
}
for (const [kind, figures] of Object.entries(turns)) {
  const micros = spread(spreadOf(figures.map(({ cpuMicros }) => cpuMicros)));
  const bytes = spread(spreadOf(figures.map((figure) => figure.bytes)));
  console.log(`${kind}: ${micros} µs of CPU a picture, ${bytes} bytes`);
}
