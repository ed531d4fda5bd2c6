import { createServer } from 'node:http';
import t, { type Test } from 'tap';
import { drive } from '../drive.ts';
import type { Exchange } from '../request.ts';
import { isGood } from '../request.ts';
import { driveSteps } from '../stepper.ts';

t.test('an answer is good when its status is 200 and its text the expected one', async (t) => {
  t.ok(isGood({ status: 200, body: '{"a":1}' }, { text: '{"a":1}' }));
  t.notOk(isGood({ status: 200, body: '{"a":2}' }, { text: '{"a":1}' }));
  t.notOk(isGood({ status: 500, body: '{"a":1}' }, { text: '{"a":1}' }));
});

t.test('where a part is open, the text is good by its begin, its end and its length', async (t) => {
  const open = { begin: '{"token":"', end: '"}', least: 20 };
  t.ok(isGood({ status: 200, body: '{"token":"0123456789"}' }, open));
  t.notOk(isGood({ status: 200, body: '{"token":""}' }, open));
  t.notOk(isGood({ status: 200, body: '{"error":"0123456789"}' }, open));
});

/** Answers the method and path, and every second time something else; or always what it is told to. */
async function startMoody(t: Test, always?: string) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    response.end(always ?? (asked % 2 === 0 ? 'something "else"' : `${request.method} ${request.url}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}`;
}
const exchange: Exchange = { request: { method: 'GET', path: '/a' }, expected: { text: 'GET /a' } };

t.test('wrong answers are counted by the driver of steps, and the first is told', async (t) => {
  const url = await startMoody(t);
  const driven = await driveSteps(
    async (ask) => {
      await ask(exchange);
    },
    { urls: [url], connections: 2, seconds: 0.2 },
  );
  t.equal(driven.wrong, Math.floor(driven.requests / 2));
  t.equal(driven.firstWrong, 'GET /a answered 200 something "else" instead of 200 GET /a');
});

t.test('a load ends with an error when an answer is wrong, whatever drives it', async (t) => {
  const url = await startMoody(t);
  const pace = { urls: [url], connections: 2, seconds: 1 };
  await t.rejects(drive('moody', { exchanges: [exchange] }, pace), {
    message: /^\d+ of \d+ answers of moody are wrong: .*200 something "else"/,
  });
});

t.test('quotes, lines and signs of patterns in an answer are compared as they are', async (t) => {
  const url = await startMoody(t, 'said "%a\\n"\n');
  const told: Exchange = { ...exchange, expected: { text: 'said "%a\\n"\n' } };
  const open: Exchange = { ...exchange, expected: { begin: 'said "%', end: '"\n', least: 8 } };
  const pace = { urls: [url], connections: 1, seconds: 1 };
  t.equal((await drive('server', { exchanges: [told] }, pace)).wrong, 0);
  t.equal((await drive('server', { exchanges: [open] }, pace)).wrong, 0);
});
