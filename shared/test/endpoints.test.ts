import t from 'tap';
import { createEndpoints } from '../src/bus/endpoints.ts';
import { AppError } from '../src/errors.ts';
import { probe } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';

t.test('the lines of a call name each request that it is made for', async (t) => {
  const log = logLines();
  const { endpoints } = createEndpoints(
    {
      name: 'probe',
      version: '1.2.3',
      contracts: probe,
      handlers: {
        async echo({ text }) {
          if (text === 'away') throw new AppError('database-unavailable');
          return { text };
        },
      },
    },
    { clock: () => 1000, logger: log.logger, lines: true },
  );
  async function linesOf(text: string, more: Record<string, string>) {
    log.clear();
    const headers = new Map(Object.entries({ 'x-request-id': 'request-1', 'x-deadline': '2000', ...more }));
    const request = {
      payload: JSON.stringify({ text }),
      readHeader: (name: string) => headers.get(name) ?? '',
    };
    await endpoints[0]?.handle(request, () => {});
    return log.lines().map(({ msg, requestId, alsoFor }) => ({ msg, requestId, alsoFor }));
  }
  t.strictSame(await linesOf('hello', {}), [{ msg: 'served', requestId: 'request-1', alsoFor: undefined }]);
  t.strictSame(await linesOf('hello', { 'x-also-for': 'request-2 request-3' }), [
    { msg: 'served', requestId: 'request-1', alsoFor: 'request-2 request-3' },
  ]);
  t.strictSame(await linesOf('away', { 'x-also-for': 'request-2' }), [
    { msg: 'a call failed', requestId: 'request-1', alsoFor: 'request-2' },
    { msg: 'served', requestId: 'request-1', alsoFor: 'request-2' },
  ]);
});
