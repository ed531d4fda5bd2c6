import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { authContracts } from '@vestibule/shared/contracts/auth';
import type { SettingTexts } from '@vestibule/shared/contracts/settings';
import { derivedKey } from '@vestibule/shared/derived-key';
import type { Registry } from '@vestibule/shared/metrics';
import { openOutbox } from '@vestibule/shared/outbox/open-outbox';
import type { Parts } from '@vestibule/shared/parts';
import { sessionCopies } from '@vestibule/shared/session-copies';
import { tellSettings } from '@vestibule/shared/tell-settings';
import { startUpkeep } from '@vestibule/shared/upkeep';
import { createWorkQueue } from '@vestibule/shared/work-queue';
import { watchQueue } from '@vestibule/shared/work-queue-metrics';
import type { FastifyPluginAsync } from 'fastify';
import { createAuditLog } from './audit/audit-log.ts';
import { startAuditNotes } from './audit/audit-notes.ts';
import { createAuditRepository } from './audit/audit-repository.ts';
import type { AuthSettings } from './config.ts';
import { adminOf, ensureFirstAdmin } from './first-admin.ts';
import { createRoleRule } from './granted-roles.ts';
import { createGuard, guessLimits, openGuard } from './guard.ts';
import { createGuessCounters } from './guess-counters.ts';
import { createGuessRepository } from './guess-repository.ts';
import { createHandlers } from './handlers.ts';
import { createKnownSettingsRepository } from './known-settings-repository.ts';
import { createLogin } from './login.ts';
import { migrations } from './migrations/index.ts';
import { openWeChat } from './open-wechat.ts';
import { argon2, createPasswordHashing, type PasswordEngine } from './password-hashing.ts';
import { createPasswordPolicy } from './password-policy.ts';
import { createRegistration } from './registration.ts';
import { createSecretBox } from './secret-box.ts';
import { createSessions } from './sessions.ts';
import { createSessionsRepository } from './sessions-repository.ts';
import { createSettingNotes } from './setting-notes.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createSigningKeysRepository } from './signing-keys-repository.ts';
import type { AuthTables } from './tables.ts';
import { createTokenSigner } from './tokens.ts';
import { createUsers } from './users.ts';
import { createWeChatLogin } from './wechat-login.ts';

const dayMs = 86_400_000;

/** Stands in for KEYS_SECRET where none is set: what is counted or kept under it is still no plain text. */
const developmentSecret = 'development';

type AuthOptions = {
  parts: Parts;
  settings: AuthSettings;
  /** What hashes passwords; argon2id if absent. */
  engine?: PasswordEngine;
  /** What `/metrics` of this process shows. */
  metrics?: Registry;
  /** What this process runs with, to be noted; absent: it is not. */
  texts?: SettingTexts;
};

/** The auth service: owns sessions, signing keys, hashing, lockouts and the way to WeChat. */
export const authService: FastifyPluginAsync<AuthOptions> = async (
  app,
  { parts: { bus, database, events, store, clock }, settings, engine = argon2, metrics, texts },
) => {
  const logger = app.log;
  const db = await database.open<AuthTables>({ schema: 'auth', migrations });
  const outbox = openOutbox({
    db,
    events,
    clock,
    logger,
    pollMs: settings.OUTBOX_POLL_MS,
    metrics: metrics && { registry: metrics, service: 'auth' },
  });
  app.addHook('onClose', () => outbox.stop());
  const audit = createAuditRepository({ db });
  const auditNotes = startAuditNotes({ repository: audit, pollMs: settings.OUTBOX_POLL_MS, logger });
  app.addHook('onClose', () => auditNotes.stop());
  const auditLog = createAuditLog({ repository: audit });
  const auditing = await events.consume(auditLog.consumer);
  app.addHook('onClose', () => auditing.stop());
  const settingNotes = createSettingNotes({ repository: createKnownSettingsRepository({ db, outbox }) });
  const policy = createPasswordPolicy(settings.PASSWORD_POLICY);
  const admin = adminOf(settings, policy);
  const users = createUsers({ bus });

  const keys = createSigningKeys({
    repository: createSigningKeysRepository({ db }),
    box: createSecretBox(settings.KEYS_SECRET, 'signing-keys'),
    clock,
    rotationMs: settings.KEY_ROTATION_DAYS * dayMs,
    tokenTtlMs: settings.SESSION_TTL * 1000,
    logger,
  });
  await keys.maintain();
  const sessions = createSessions({
    repository: createSessionsRepository({ db, outbox, wakeNotes: auditNotes.wake }),
    copies: sessionCopies({ store, clock }),
    users,
    sign: await createTokenSigner(app, keys),
    newId: () => randomBytes(24).toString('base64url'),
    clock,
    ttlSeconds: settings.SESSION_TTL,
    logger,
  });

  const concurrency = settings.HASH_CONCURRENCY ?? availableParallelism();
  const hashes = createWorkQueue({ concurrency, queue: settings.HASH_QUEUE ?? concurrency * 256, clock });
  if (metrics) watchQueue(metrics, 'password hashes', hashes);
  const hashing = createPasswordHashing({
    engine,
    dummyHash: await engine.hash(randomBytes(24).toString('base64url')),
    queue: hashes,
  });
  engine.giveWay?.();
  const secret = settings.KEYS_SECRET ?? developmentSecret;
  const guesses = createGuessRepository({ db, clock });
  const guard = createGuard({
    counters: createGuessCounters({ store, fallback: guesses.counters, logger }),
    repository: guesses,
    limits: guessLimits(settings),
    hashKey: derivedKey(secret, 'auth/guesses'),
    clock,
    logger,
  });
  const wechat = openWeChat({ settings, secret, store, clock, logger });
  const roleRule = createRoleRule(settings.ADMIN_REGISTRATION);
  const handlers = createHandlers({
    registration: createRegistration({
      users,
      hashing,
      policy,
      sessions,
      roleRule,
    }),
    login: createLogin({
      users,
      guard: settings.LIMITS === 'on' ? guard : openGuard,
      hashing,
      policy,
      sessions,
    }),
    sessions,
    keys,
    wechat: createWeChatLogin({ wechat, users, sessions, roleRule }),
    auditLog,
    settingNotes,
  });
  const served = await bus.serve({ name: 'auth', version: '1.0.0', contracts: authContracts, handlers });

  const upkeep = startUpkeep({
    tasks: {
      'signing keys': keys.maintain,
      sessions: sessions.removeExpired,
      'wrong passwords': () => guesses.removeExpired(new Date(clock() - settings.KNOWN_ADDRESS_DAYS * dayMs)),
    },
    intervalMs: settings.UPKEEP_INTERVAL * 1000,
    logger,
  });
  const closing = new AbortController();
  const signal = closing.signal;
  const adminMade = admin && ensureFirstAdmin({ ...admin, users, hashing, clock, logger, signal });
  const telling =
    texts && tellSettings({ part: 'auth', settings: texts, note: settingNotes.note, clock, logger });
  app.addHook('onClose', async () => {
    closing.abort();
    await served.drain();
    await Promise.all([upkeep.stop(), wechat.stop(), adminMade, telling?.stop()]);
  });
  warn(settings, logger);
};

/** Says at start what is good for development alone. */
function warn(settings: AuthSettings, logger: { warn(line: string): void }): void {
  if (settings.KEYS_SECRET === undefined) {
    logger.warn('KEYS_SECRET is not set: the signing keys lie in the database as they are');
  }
  if (settings.ADMIN_REGISTRATION === 'open') {
    logger.warn('ADMIN_REGISTRATION is open: anybody can register as admin');
  }
  if (settings.LIMITS === 'off') logger.warn('LIMITS is off: passwords can be guessed without end');
}
