import { createOutboxWriter } from '@vestibule/shared/outbox/outbox-writer';
import { explainedQueries } from '@vestibule/shared/test/explained-queries';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { createAuditRepository } from '../src/audit/audit-repository.ts';
import { createGuessRepository } from '../src/guess-repository.ts';
import { createKnownSettingsRepository } from '../src/known-settings-repository.ts';
import { createSessionsRepository } from '../src/sessions-repository.ts';
import { createSigningKeysRepository, type StoredKey } from '../src/signing-keys-repository.ts';
import type { AuthTables } from '../src/tables.ts';
import { openTables } from './auth-service.ts';
import { insertSessions, vacuum } from './many-sessions.ts';

t.test('every query of the service goes by an index', async (t) => {
  const db = await openTables(await testParts(t));
  await insertSessions(db, 20_000);
  await vacuum(db);
  const { watched, mustGoByIndex } = explainedQueries(db, {
    // One row; one for each key of tokens that live; one for each setting; what has no line for less than a second.
    small: ['audit_head', 'signing_keys', 'known_settings', 'audit_notes'],
  });
  const hour = new Date('2026-01-01T01:00:00Z');
  const later = new Date('2026-01-14T00:00:00Z');
  const outbox = { ...createOutboxWriter<AuthTables>({ clock: () => 0 }), wake() {} };
  const sessions = createSessionsRepository({ db: watched, outbox, wakeNotes() {} });
  const guesses = createGuessRepository({ db: watched, clock: () => hour.getTime() });
  const keys = createSigningKeysRepository({ db: watched });
  const settings = createKnownSettingsRepository({ db: watched, outbox });
  const audit = createAuditRepository({ db: watched });
  const source = { requestId: 'a-request' };
  const accountId = 20_000_777;
  const known = { subject: 'subject-777', address: 'address-1', lastSeenAt: hour };
  const draft = { accountId, openid: null, sessionEpoch: 0, createdAt: hour, expiresAt: later };
  const key = (kid: string): StoredKey => ({ kid, publicX: 'x', privateKey: 'sealed', createdAt: hour });
  const page = { offset: 30, limit: 15 };
  const any = { account: undefined, action: undefined, from: undefined, to: undefined };
  const limits = ['key-777', 'key-778'].map((key) => ({ key, limit: 1, windowMs: 60_000 }));
  const change = { name: 'LIMITS', from: null, to: 'on' };

  await mustGoByIndex(t, {
    'a session': () => sessions.find('session-777'),
    'those of an account': () => sessions.ofAccount(accountId, 20),
    'one that is opened from an address': () =>
      sessions.insert(
        { ...draft, sessionId: 'new' },
        { opened: { accountId, way: 'password' }, from: known },
        source,
      ),
    'one that ends': () => sessions.end('session-777', hour, null, source),
    'those that expired': () => sessions.removeExpired(new Date('2026-01-08T01:00:00Z'), 100),
    'guesses that are counted, and taken back': () => guesses.counters.reserve(limits),
    'a guess that was right': () => guesses.counters.giveBack(['key-779', 'key-780']),
    'counts that are forgotten': () => guesses.counters.remove('key-779'),
    'whether an address is known': () => guesses.knows('subject-777', 'address-777'),
    'an address that is seen again': () => guesses.remember(known),
    'guesses and addresses that expired': () => guesses.removeExpired(hour),
    'the first key': () => keys.replaceCurrent(() => key('first'), later),
    'another key': () => keys.replaceCurrent(() => key('second'), later),
    'the key in use': () => keys.current(),
    'keys that are published': () => keys.published(hour),
    'keys that no longer are': () => keys.removeUnpublished(hour),
    'settings of a part': () => settings.replace('auth', () => [change], source),
    'the head of the audit log': () => audit.head(),
    'whether something is noted': () => audit.hasNotes(),
    'lines of what was noted': () => audit.append([]),
    'a page of all lines': () => audit.page(any, page),
    'a page of an account’s': () => audit.page({ ...any, account: accountId }, page),
    'a page of an action': () => audit.page({ ...any, action: 'account.done-7' }, page),
    'a page of a time': () => audit.page({ ...any, from: new Date(0), to: hour }, page),
    'how many an account has': () => audit.count({ ...any, account: accountId }),
    'how many of an action': () => audit.count({ ...any, action: 'account.done-7' }),
    'how many of a time': () => audit.count({ ...any, from: new Date(0), to: hour }),
    'all lines, from the first': () => audit.all().next(),
  });
});
