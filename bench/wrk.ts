import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Driven, Pace } from './driven.ts';
import { type Exchange, type Expected, headersOf } from './request.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, 'wrk.lua');

const quoted = (text: string) =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
const table = (entries: Iterable<string>) => `{${[...entries].join(',\n')}}`;

/** The requests and what may be answered, as a program in Lua that returns them. */
export function luaLoad(exchanges: readonly Exchange[]): string {
  const requests = exchanges.map(({ request }) => {
    const headers = Object.entries(headersOf(request)).map(
      ([name, value]) => `[${quoted(name)}]=${quoted(value)}`,
    );
    const body = request.body === undefined ? 'nil' : quoted(JSON.stringify(request.body));
    return `{method=${quoted(request.method)},path=${quoted(request.path)},headers=${table(headers)},body=${body}}`;
  });
  const distinct = new Map(exchanges.map(({ expected }) => [JSON.stringify(expected), expected]));
  const all: Expected[] = [...distinct.values()];
  const texts = all.flatMap((one) => ('text' in one ? [`[${quoted(one.text)}]=true`] : []));
  const forms = all.flatMap((one) =>
    'text' in one ? [] : [`{from=${quoted(one.begin)},to=${quoted(one.end)},least=${one.least}}`],
  );
  return `return {requests=${table(requests)},texts=${table(texts)},forms=${table(forms)}}`;
}

/** What the script prints at the end. */
function read(output: string): Driven {
  const [, line = '', firstWrong = ''] = /\nDRIVEN ([\d. ]+)\n([^\n]*)/.exec(output) ?? [];
  const [requests, seconds, wrong, p50Ms, p99Ms] = line.split(' ').map(Number);
  if (requests === undefined || seconds === undefined || wrong === undefined) {
    throw new Error(`wrk says nothing that is known:\n${output}`);
  }
  return { requests, seconds, wrong, firstWrong, p50Ms: p50Ms ?? 0, p99Ms: p99Ms ?? 0 };
}

/**
 * Sends the requests in turn with wrk, a thread for each server. Which answer belongs to which request wrk does not
 * tell: an answer is good that any of the requests may have.
 */
export async function driveByWrk(
  exchanges: readonly Exchange[],
  { urls, connections, seconds }: Pace,
): Promise<Driven> {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-bench-'));
  try {
    const file = join(folder, 'load.lua');
    await writeFile(file, luaLoad(exchanges));
    const servers = urls.map((url) => new URL(url)).map(({ hostname, port }) => `${hostname} ${port}`);
    const options = ['-t', urls.length, '-c', Math.max(connections, urls.length), '-d', `${seconds}s`];
    const [url = ''] = urls;
    const { stdout } = await run(
      'wrk',
      [...options.map(String), '--timeout', '10s', '-s', script, url, '--', file],
      { env: { PATH: process.env.PATH, BENCH_SERVERS: servers.join('\n') } },
    );
    return read(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
