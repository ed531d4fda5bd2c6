import type { GatewayParts } from '@vestibule/shared/parts';
import type { Store } from '@vestibule/shared/store/store';
import { testGatewayParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createDigests } from '../src/digests.ts';
import { livelyService } from './canaries.ts';
import { client, outcome, startVerification } from './verification-service.ts';

/** Notes the arguments of every operation of the store. */
function overheard({ store, ...parts }: GatewayParts): { parts: GatewayParts; heard: unknown[][] } {
  const heard: unknown[][] = [];
  const listening = new Proxy(store, {
    get(target, name: keyof Store) {
      const operation = target[name] as (...args: unknown[]) => unknown; // A store is operations alone.
      return (...args: unknown[]) => {
        heard.push(args);
        return operation(...args);
      };
    },
  });
  return { parts: { ...parts, store: listening }, heard };
}

const isPlainCopy = ([key]: unknown[]) => String(key).startsWith('dev:');

t.test('no phone, address, code or captcha reaches the store in plain', async (t) => {
  const { parts, heard } = overheard(await testGatewayParts(t));
  const canaries = await livelyService(t, parts);
  t.equal(canaries.length, 7);
  t.ok(heard.length > 20);
  const text = JSON.stringify(heard.filter((args) => !isPlainCopy(args)));
  for (const canary of canaries) t.notMatch(text, canary);
});

t.test('with DEV_ROUTES off there are no plain copies', async (t) => {
  const { parts, heard } = overheard(await testGatewayParts(t));
  await startVerification(t, parts, { environment: { DEV_ROUTES: 'off' } });
  const { newCaptcha, checkCaptcha } = client(parts);
  const { id } = await newCaptcha();
  t.equal(await outcome(checkCaptcha({ scope: 'medicine', id, answer: 'BBBB' })), 'captcha-wrong');
  t.equal(heard.length, 3);
  t.strictSame(heard.filter(isPlainCopy), []);
});

t.test('digests differ by key, by purpose and by where one text ends and the next begins', async (t) => {
  const { of } = createDigests('a secret of at least 32 characters');
  const other = createDigests('another secret of at least 32 characters');
  const digests = [
    of('code', 'a', 'bc'),
    of('code', 'ab', 'c'),
    of('code', 'abc'),
    of('phone', 'a', 'bc'),
    other.of('code', 'a', 'bc'),
    createDigests().of('code', 'a', 'bc'),
  ];
  t.equal(new Set(digests).size, 6);
  t.equal(of('code', 'a', 'bc'), createDigests('a secret of at least 32 characters').of('code', 'a', 'bc'));
  t.match(digests[0], /^[A-Za-z0-9_-]{43}$/);
});

t.test('a digest is the same as itself alone', async (t) => {
  const { same } = createDigests();
  t.equal(same('abc', 'abc'), true);
  for (const other of ['abd', 'ab', 'abcd', '']) t.equal(same('abc', other), false, other);
});
