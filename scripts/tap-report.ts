import type { Readable } from 'node:stream';
import { Parser, type Result } from 'tap-parser';

export type Totals = { passed: number; failed: number };

/** A leaf among the results: one assertion, or a whole file that did not get as far as one. */
function count(parser: Parser, totals: Totals): void {
  parser.on('pass', () => {
    totals.passed += 1;
  });
  parser.on('fail', () => {
    totals.failed += 1;
  });
  // Nothing here has a reason to be skipped, and a file without a test comes as one that is.
  for (const event of ['skip', 'todo']) {
    parser.on(event, ({ fullname }: Result) => {
      totals.failed += 1;
      process.stdout.write(`not run: ${fullname}\n`);
    });
  }
}

/**
 * Reads the runner's TAP and prints a line for each test file as it ends, and all that a failed one said.
 * Resolves with the totals when the stream ends.
 */
export function reportTap(stream: Readable): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0 };
  const parser = new Parser();
  count(parser, totals);
  const linesOf = new Map<string, string>();
  parser.on('child', (child: Parser) => {
    child.on('line', (line: string) => linesOf.set(child.name, (linesOf.get(child.name) ?? '') + line));
  });
  parser.on('assert', ({ ok, name, time, diag }: Result) => {
    const seconds = ((time ?? 0) / 1000).toFixed(1);
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
    if (!ok) process.stdout.write(linesOf.get(name) ?? '');
    linesOf.delete(name);
    if (diag?.exitCode || diag?.signal) {
      process.stdout.write(`  ended with ${diag.signal ?? diag.exitCode}\n`);
    }
  });
  parser.on('complete', () => {
    for (const [name, lines] of linesOf) process.stdout.write(`did not end: ${name}\n${lines}`);
  });
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    parser.once('complete', () => resolve(totals));
    stream.pipe(parser);
  });
}
