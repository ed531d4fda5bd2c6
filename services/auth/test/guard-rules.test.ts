import { AppError, codeOf } from '@vestibule/shared/errors';
import { memoryStore } from '@vestibule/shared/store/memory-store';
import type { Limit, Store } from '@vestibule/shared/store/store';
import { logLines } from '@vestibule/shared/test/log-lines';
import { movableClock } from '@vestibule/shared/test/movable-clock';
import t from 'tap';
import { readAuthSettings } from '../src/config.ts';
import { createGuard, guessLimits, openGuard } from '../src/guard.ts';
import { createGuessCounters } from '../src/guess-counters.ts';

const minute = 60_000;
const day = 86_400_000;
const small = {
  pair: { limit: 2, windowMs: minute },
  address: { limit: 4, windowMs: 2 * minute },
  account: { limit: 6, windowMs: day },
};

type Changes = {
  store?: Partial<Store>;
  hashKey?: string;
  /** Comes between a refusal of the store and its arrival. */
  afterRefusal?: () => Promise<void>;
};

/** A guard on a clock to move, and what it keeps. */
function guarded({ store: changed = {}, hashKey = 'key', afterRefusal }: Changes = {}) {
  const clock = movableClock();
  const log = logLines();
  const known = new Set<string>();
  const asked: Limit[] = [];
  const own = memoryStore({ clock });
  const store: Store = {
    ...own,
    async reserve(limits) {
      asked.push(...limits);
      const reservation = await own.reserve(limits);
      if (!reservation.granted) await afterRefusal?.();
      return reservation;
    },
    ...changed,
  };
  const guard = createGuard({
    counters: createGuessCounters({ store, fallback: memoryStore({ clock }), logger: log.logger }),
    repository: {
      knows: async (subject, address) => known.has(`${subject} ${address}`),
      async remember({ subject, address }) {
        known.add(`${subject} ${address}`);
      },
    },
    limits: small,
    hashKey: Buffer.from(hashKey),
    clock,
    logger: log.logger,
  });
  const attempt = (
    subject: string,
    address: string,
    verify: () => Promise<boolean>,
    deadline = clock() + minute,
  ): Promise<string> =>
    guard.check({ subject, address }, deadline, verify).then(
      async (right) => {
        if (right) await guard.remember({ subject, address });
        return right ? 'right' : 'wrong';
      },
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        return [error.code, ...Object.values(error.details)].join(' ');
      },
    );
  return {
    guard,
    clock,
    log,
    known,
    asked,
    attempt,
    wrong: (subject = 'anna', address = 'home') => attempt(subject, address, async () => false),
    right: (subject = 'anna', address = 'home') => attempt(subject, address, async () => true),
  };
}

t.test('the limits are those of the settings, in milliseconds', async (t) => {
  t.strictSame(guessLimits(readAuthSettings({})), {
    pair: { limit: 10, windowMs: 15 * minute },
    address: { limit: 100, windowMs: 15 * minute },
    account: { limit: 100, windowMs: day },
  });
});

t.test('wrong passwords lock the pair until its window ends, and nothing else', async (t) => {
  const { wrong, right, clock } = guarded();
  t.strictSame([await wrong(), await wrong(), await wrong()], ['wrong', 'wrong', 'rate-limited 60']);
  t.equal(await right(), 'rate-limited 60');
  t.equal(await right('anna', 'elsewhere'), 'right');
  t.equal(await right('berta'), 'right');
  clock.advance(minute - 1);
  t.equal(await right(), 'rate-limited 1', 'a whole second at least');
  clock.advance(2);
  t.equal(await right(), 'right');
});

t.test('the address is locked for whatever accounts, and named as what is locked', async (t) => {
  const { wrong, right, clock } = guarded();
  for (const name of ['anna', 'berta', 'clara', 'dora']) t.equal(await wrong(name), 'wrong');
  t.equal(await right('emma'), 'address-limited 120');
  t.equal(await right('emma', 'elsewhere'), 'right');
  clock.advance(2 * minute + 1);
  t.equal(await right('emma'), 'right');
});

t.test('an account is locked for addresses that it was never signed in from', async (t) => {
  const { wrong, right, clock } = guarded();
  t.equal(await right('anna', 'home'), 'right');
  for (let n = 0; n < 3; n += 1) {
    t.equal(await wrong('anna', `foreign ${n}`), 'wrong');
    t.equal(await wrong('anna', `foreign ${n}`), 'wrong');
  }
  t.equal(await right('anna', 'foreign 9'), 'rate-limited 86400');
  t.equal(await right('anna', 'home'), 'right', 'and not for its own');
  t.strictSame([await wrong(), await wrong(), await wrong()], ['wrong', 'wrong', 'rate-limited 60']);
  t.equal(await right('berta', 'foreign 9'), 'right', 'nor another account');
  clock.advance(day + 1);
  t.equal(await right('anna', 'foreign 9'), 'right');
});

t.test('a right password forgets the wrong ones of the pair, and counts on no limit itself', async (t) => {
  const { wrong, right } = guarded();
  await wrong();
  t.equal(await right(), 'right');
  t.strictSame([await wrong(), await wrong(), await wrong()], ['wrong', 'wrong', 'rate-limited 60']);
  for (let n = 0; n < 20; n += 1) t.equal(await right('berta', 'office'), 'right');
  t.equal(await wrong('anna', 'office'), 'wrong');
});

t.test('the wrong ones of the address and of the account are not forgotten for a right one', async (t) => {
  const { wrong, right } = guarded();
  for (const name of ['anna', 'berta', 'clara']) await wrong(name);
  t.equal(await right('anna'), 'right');
  t.equal(await wrong('dora'), 'wrong');
  t.equal(await wrong('emma'), 'address-limited 120');
});

t.test('what is kept of a try is known again, and says neither who nor from where', async (t) => {
  const { guard, clock } = guarded();
  const attempt = { subject: 'anna', address: 'home' };
  const kept = guard.knownAddress(attempt);
  t.match(kept, { subject: /^[\w-]{43}$/, address: /^[\w-]{43}$/, lastSeenAt: new Date(clock()) });
  t.strictSame(guard.knownAddress(attempt), kept);
  t.equal(openGuard.knownAddress(attempt), null);
});

t.test('what failed for another reason is passed on and not counted', async (t) => {
  const { attempt, wrong } = guarded();
  const fault = () => attempt('anna', 'home', () => Promise.reject(new AppError('unavailable')));
  for (let n = 0; n < 5; n += 1) t.equal(await fault(), 'unavailable');
  t.strictSame([await wrong(), await wrong(), await wrong()], ['wrong', 'wrong', 'rate-limited 60']);
});

t.test('a right answer stands although it cannot be noted, and the log says so', async (t) => {
  const unavailable = () => Promise.reject(new AppError('store-unavailable'));
  const { right, log } = guarded({ store: { remove: unavailable } });
  t.equal(await right(), 'right');
  t.match(JSON.parse(log.text()), { level: 'warn', code: 'store-unavailable' });
});

t.test('nothing is compared when the deadline has passed', async (t) => {
  const { attempt, clock, asked } = guarded();
  let compared = 0;
  const verify = async () => {
    compared += 1;
    return true;
  };
  t.equal(await attempt('anna', 'home', verify, clock()), 'deadline-passed');
  t.strictSame([compared, asked.length], [0, 0]);
  t.equal(await attempt('anna', 'home', verify, clock() + 1), 'right');
});

t.test('who is refused for tries under way alone waits for their ends', async (t) => {
  const { attempt, wrong } = guarded();
  const first = Promise.withResolvers<boolean>();
  const second = Promise.withResolvers<boolean>();
  const running = [
    attempt('anna', 'home', () => first.promise),
    attempt('anna', 'home', () => second.promise),
  ];
  let answer = 'none';
  const waiting = wrong().then((one) => {
    answer = one;
  });
  await new Promise(setImmediate);
  t.equal(answer, 'none');
  first.resolve(true);
  await waiting;
  t.equal(answer, 'wrong', 'there was room again');
  second.resolve(false);
  t.strictSame(await Promise.all(running), ['right', 'wrong']);
});

t.test('who waits is refused once the others were wrong, or when its deadline has passed', async (t) => {
  for (const late of [false, true]) {
    const { attempt, wrong, clock } = guarded();
    const end = Promise.withResolvers<boolean>();
    const running = [attempt('anna', 'home', () => end.promise), attempt('anna', 'home', () => end.promise)];
    const waiting = wrong();
    await new Promise(setImmediate);
    if (late) clock.advance(minute);
    end.resolve(late);
    t.equal(await waiting, late ? 'deadline-passed' : 'rate-limited 60');
    await Promise.all(running);
  }
});

t.test('what ends while a refusal is on its way makes room too', async (t) => {
  const end = Promise.withResolvers<boolean>();
  const running: Promise<string>[] = [];
  const { attempt, right } = guarded({
    afterRefusal: async () => {
      end.resolve(true);
      await Promise.all(running);
    },
  });
  running.push(
    attempt('anna', 'home', () => end.promise),
    attempt('anna', 'home', () => end.promise),
  );
  await new Promise(setImmediate);
  t.equal(await right(), 'right');
});

t.test('a try that failed makes room for those who wait', async (t) => {
  const { attempt, right } = guarded();
  const end = Promise.withResolvers<boolean>();
  const running = [attempt('anna', 'home', () => end.promise), attempt('anna', 'home', () => end.promise)];
  const waiting = right();
  end.reject(new AppError('unavailable'));
  t.equal(await waiting, 'right');
  t.strictSame(await Promise.all(running), ['unavailable', 'unavailable']);
});

t.test('keys are keyed hashes: they tell subject, address and pair apart, and nothing else', async (t) => {
  const { wrong, asked } = guarded();
  const other = guarded({ hashKey: 'another key' });
  await wrong('anna', 'home');
  await wrong('home', 'anna');
  await other.wrong('anna', 'home');
  const keys = [...asked, ...other.asked].map(({ key }) => key);
  t.equal(new Set(keys).size, 9);
  for (const key of keys) t.match(key, /^guess:(?:pair|address|account):[\w-]{43}$/);
  await wrong('anna', 'home');
  t.strictSame(asked.slice(6), asked.slice(0, 3), 'the same for the same try');
});

t.test('without limits every password is compared', async (t) => {
  let compared = 0;
  for (let n = 0; n < 20; n += 1) {
    await openGuard.check({ subject: 'anna', address: 'home' }, 0, async () => {
      compared += 1;
      return false;
    });
  }
  t.equal(compared, 20);
  t.equal(await openGuard.check({ subject: 'anna', address: 'home' }, 0, async () => true), true);
  t.equal(
    await openGuard
      .check({ subject: 'anna', address: 'home' }, 0, () => Promise.reject(new AppError('busy')))
      .catch(codeOf),
    'busy',
  );
});
