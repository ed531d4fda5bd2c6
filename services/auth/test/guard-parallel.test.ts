import type { Limit } from '@vestibule/shared/store/store';
import { until } from '@vestibule/shared/test/server-process';
import t, { type Test } from 'tap';
import { codes, platform, tally } from './guessing.ts';

/** Comparisons wait until they are released; `asked` says how often a place was asked for. */
async function held(t: Test, environment: Record<string, string>) {
  let asked = 0;
  const platformHeld = await platform(t, {
    environment,
    change: (parts) => ({
      ...parts,
      store: {
        ...parts.store,
        reserve(limits: readonly Limit[]) {
          asked += 1;
          return parts.store.reserve(limits);
        },
      },
    }),
  });
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  platformHeld.engine.before = () => released;
  return { ...platformHeld, asked: () => asked, release };
}

t.test('parallel tries', async (t) => {
  t.test('200 wrong ones on two replicas count like 200 in a row', async (t) => {
    const { register, flood, engine } = await platform(t, { replicas: 2 });
    const { account } = await register('flooded');
    const { verified } = engine.counts;
    const answers = await flood({ id: account.id }, 200);
    t.strictSame(tally(codes(answers)), { 'credentials-wrong': 10, 'rate-limited': 190 });
    t.equal(engine.counts.verified - verified, 10);
  });

  t.test('150 right ones from one address all get in, though 100 are let through at once', async (t) => {
    const { register, flood, engine, asked, release } = await held(t, { HASH_CONCURRENCY: '200' });
    const logins: { id: number }[] = [];
    for (let n = 0; n < 15; n += 1) logins.push({ id: (await register(`crowd ${n}`)).account.id });
    const answers = Promise.all(logins.map((login) => flood(login, 10, {})));
    await until('all have asked for their place', () => asked() === 150);
    await until('those with a place are looked at', () => engine.counts.verified >= 100);
    t.equal(engine.counts.verified, 100);
    release();
    t.strictSame(tally((await answers).flat()), { right: 150 });
  });

  t.test('those that wait for wrong ones are refused when these have ended', async (t) => {
    const { register, flood, asked, release } = await held(t, { HASH_CONCURRENCY: '10' });
    const { account } = await register('patient');
    const answers = flood({ id: account.id }, 50);
    await until('all have asked for their place', () => asked() === 50);
    release();
    t.strictSame(tally(codes(await answers)), { 'credentials-wrong': 10, 'rate-limited': 40 });
  });

  t.test('what waits for others past its deadline is dropped', async (t) => {
    const { register, flood, engine, asked, release, clock } = await held(t, { HASH_CONCURRENCY: '10' });
    const { account } = await register('late');
    const answers = flood({ id: account.id }, 12, {});
    await until('all have asked for their place', () => asked() === 12);
    await until('those with a place are looked at', () => engine.counts.verified >= 10);
    clock.advance(60_000);
    release();
    t.strictSame(tally(codes(await answers)), { right: 10, 'deadline-passed': 2 });
  });
});
