import { connect, headers, NatsError } from 'nats';
import t from 'tap';
import { natsBus } from '../src/bus/nats-bus.ts';
import { failure, probe, probeContext, serveProbe } from './harness/bus-probe.ts';
import { logLines } from './harness/log-lines.ts';
import { natsBusPair } from './harness/nats-bus-pair.ts';
import { startNatsServer } from './harness/nats-server.ts';

t.test('a request or reply over what the broker takes is a fault of contract, told at once', async (t) => {
  const { server, call, log } = await natsBusPair(t, ['max_payload: 4096']);
  await serveProbe(server, async ({ text }) => ({ text: text.repeat(2) }));
  t.same(await failure(call('x'.repeat(5000))), ['contract-violated', {}]);
  t.match(log.text(), /probe\.echo: over the broker's max_payload/);
  t.same(await failure(call('x'.repeat(3000))), ['contract-violated', {}]);
  t.same(await call('x'), { text: 'xx' }, 'the connection lives on');
});

t.test('what foreign clients send reaches no handler and stops nothing', async (t) => {
  const { broker, server, call } = await natsBusPair(t);
  const ran: string[] = [];
  await serveProbe(server, async (input) => {
    ran.push(input.text);
    return input;
  });
  const foreign = await connect({ servers: broker.url });
  t.teardown(() => foreign.close());
  const headersOf = (values: Record<string, string>) => {
    const made = headers();
    for (const [name, value] of Object.entries(values)) made.set(name, value);
    return made;
  };
  const good: Record<string, string> = { 'x-request-id': 'r', 'x-deadline': String(Date.now() + 5000) };
  const ask = async (payload: string, given: Record<string, string> | undefined) => {
    const options = given === undefined ? {} : { headers: headersOf(given) };
    const reply = await foreign.request('faults.probe.echo', payload, { timeout: 2000, ...options });
    return [reply.headers?.get('Nats-Service-Error'), reply.headers?.get('Nats-Service-Error-Code')];
  };
  const refused = ['contract-violated', '500'];
  t.same(await ask('{"text":', good), refused, 'no JSON');
  t.same(await ask('', good), refused, 'nothing');
  t.same(await ask('\xff\x00', good), refused, 'bytes');
  t.same(await ask('{"text":1}', good), refused, 'another shape');
  t.same(await ask('{"text":"x"}', undefined), refused, 'no headers');
  t.same(await ask('{"text":"x"}', { 'x-deadline': good['x-deadline'] ?? '' }), refused, 'no request id');
  t.same(await ask('{"text":"x"}', { 'x-request-id': 'r' }), refused, 'no deadline');
  t.same(await ask('{"text":"x"}', { ...good, 'x-deadline': 'soon' }), refused, 'a deadline in words');
  t.same(await ask('{"text":"x"}', { ...good, 'x-caller': '{"role":' }), refused, 'a broken caller');
  t.same(await ask('{"text":"x"}', { ...good, 'x-caller': '{"role":"root"}' }), refused, 'a wrong caller');
  t.same(
    await ask('{"text":"x"}', { ...good, 'x-deadline': '1000' }),
    ['deadline-passed', '500'],
    'too late',
  );
  foreign.publish('faults.probe.echo', '{"text":"nobody waits"}', { headers: headersOf(good) });
  t.same(ran, []);
  t.same(await ask('{"text":"well made"}', { ...good, 'x-other': 'ignored' }), [undefined, undefined]);
  t.same(await call('still here'), { text: 'still here' });
  t.same(ran, ['well made', 'still here']);
});

t.test('what a foreign server answers is an error of ours, never a wrong reply', async (t) => {
  const { broker, call } = await natsBusPair(t);
  const foreign = await connect({ servers: broker.url });
  t.teardown(() => foreign.close());
  const errorHeaders = headers();
  errorHeaders.set('Nats-Service-Error', 'out of memory at 10.0.0.7');
  errorHeaders.set('Nats-Service-Error-Code', '500');
  const answers = [
    { body: '{"text":', sent: {}, code: 'contract-violated' },
    { body: '', sent: {}, code: 'contract-violated' },
    { body: 'no JSON', sent: { headers: errorHeaders }, code: 'internal' },
  ] as const;
  let turn = 0;
  foreign.subscribe('faults.probe.echo', {
    callback: (_error, message) => void message.respond(answers[turn]?.body, answers[turn]?.sent),
  });
  await foreign.flush();
  for (turn = 0; turn < answers.length; turn++) {
    t.same(await failure(call('x', 2000)), [answers[turn]?.code, {}]);
  }
});

for (const [name, permissions] of [
  ['ask for it', '{ publish: { deny: ["faults.probe.>"] } }'],
  ['hear the answer', '{ subscribe: { deny: ["_INBOX.>"] } }'],
] as const) {
  t.test(`a call fails at once, and each anew, when the broker does not let its user ${name}`, async (t) => {
    const user = `{ user: "me", password: "sesame", permissions: ${permissions} }`;
    const broker = await startNatsServer({ settings: [`authorization { users: [${user}] }`] });
    const { logger, text } = logLines();
    const url = broker.url.replace('//', '//me:sesame@');
    const bus = await natsBus({ url, namespace: 'faults', name: 'me', clock: Date.now, logger });
    t.teardown(async () => {
      await bus.close();
      await broker.stop();
    });
    for (let round = 0; round < 2; round++) {
      const begin = performance.now();
      const calls = Array.from({ length: 20 }, () =>
        failure(bus.call(probe.echo, { text: 'x' }, probeContext({ deadline: Date.now() + 60_000 }))),
      );
      t.same(new Set((await Promise.all(calls)).map(([code]) => code)), new Set(['internal']));
      t.ok(performance.now() - begin < 10_000);
    }
    t.match(text(), /PERMISSIONS_VIOLATION/);
  });
}

t.test('no responder, no answer in time and an error are three different things', async (t) => {
  const { broker, server, call } = await natsBusPair(t);
  t.same(await failure(call('x', 60_000)), ['unavailable', {}], 'nobody is there');
  const foreign = await connect({ servers: broker.url });
  t.teardown(() => foreign.close());
  const silent = foreign.subscribe('faults.probe.echo', { callback: () => undefined });
  await foreign.flush();
  t.same(await failure(call('x', 200)), ['deadline-passed', {}], 'somebody is there and says nothing');
  silent.unsubscribe();
  await foreign.flush();
  await serveProbe(server, async () => {
    throw new NatsError('refused', '503');
  });
  t.same(await failure(call('x')), ['internal', {}], 'somebody is there and fails');
});
