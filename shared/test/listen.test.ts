import { buildApp } from '@vestibule/shared/app';
import { claimAddress, listen, listenForOps } from '@vestibule/shared/listen';
import { whenFree } from '@vestibule/shared/taken';
import { logLines } from '@vestibule/shared/test/log-lines';
import t, { type Test } from 'tap';

const host = '127.0.0.1';

function openApp(t: Test) {
  const app = buildApp({ name: 'probe', logger: logLines().logger });
  t.teardown(() => app.close());
  return app;
}

const portOf = (url: string) => Number(new URL(url).port);

t.test('an address that cannot be listened on is named with its setting', async (t) => {
  const taken = portOf(await listen(openApp(t), { host, port: 0 }));
  await t.rejects(listen(openApp(t), { host, port: taken }), {
    name: 'SettingError',
    message: `PORT is not free: something listens on port ${taken} of 127.0.0.1 already`,
  });
  await t.rejects(listen(openApp(t), { host: '192.0.2.1', port: 0 }), {
    name: 'SettingError',
    message: 'HOST is not valid: 192.0.2.1 is no address of this machine',
  });
});

t.test('an app on all addresses is reached by this machine under its own', async (t) => {
  const app = openApp(t);
  app.get('/', async () => 'here');
  const url = await listen(app, { host: '0.0.0.0', port: 0 });
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  t.equal(await (await fetch(url)).text(), 'here');
});

t.test('a port for operations that is taken gives way to a free one unless it was asked for', async (t) => {
  const taken = portOf(await listen(openApp(t), { host, port: 0 }));
  const other = portOf(await listenForOps(openApp(t), { host, port: undefined, standard: taken }));
  t.not(other, taken);
  await t.rejects(listenForOps(openApp(t), { host, port: taken, standard: other }), {
    message: `OPS_PORT is not free: something listens on port ${taken} of 127.0.0.1 already`,
  });
});

t.test('a claimed address has a port and can be listened on', async (t) => {
  const address = await claimAddress({ host, port: 0 });
  t.equal(address.url, `http://127.0.0.1:${address.port}`);
  t.equal(await listen(openApp(t), address), address.url);
});

t.test('what a predecessor still has is waited for', async (t) => {
  const predecessor = openApp(t);
  const port = portOf(await listen(predecessor, { host, port: 0 }));
  const claim = whenFree(() => claimAddress({ host, port }));
  await predecessor.close();
  t.match(await claim, { host, port });
});

t.test('what stays taken is refused after a while', async (t) => {
  const port = portOf(await listen(openApp(t), { host, port: 0 }));
  await t.rejects(
    whenFree(() => claimAddress({ host, port })),
    { message: `PORT is not free: something listens on port ${port} of 127.0.0.1 already` },
  );
});
