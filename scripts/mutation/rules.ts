/** A file of rules, and the test files that hold it: the nearest to it come first. */
type Rules = Readonly<Record<string, readonly string[]>>;

const auth = (...names: string[]) => names.map((name) => `services/auth/test/${name}.test.ts`);
const gateway = (...names: string[]) => names.map((name) => `gateway/test/${name}.test.ts`);
const shared = (...names: string[]) => names.map((name) => `shared/test/${name}.test.ts`);
const verification = (...names: string[]) =>
  names.map((name) => `services/verification/test/${name}.test.ts`);

const guessing = auth('guard', 'guard-parallel', 'guard-store-away');
const sending = verification('sending', 'limits', 'refusals');

/** What decides who gets in, who may guess on, and to whom a code is sent; the groups each have their score. */
export const ruleGroups: Readonly<Record<string, Rules>> = {
  auth: {
    'services/auth/src/granted-roles.ts': auth('password'),
    'services/auth/src/password-policy.ts': auth('password'),
    'services/auth/src/password-hashing.ts': auth('password', 'login'),
    'services/auth/src/login.ts': auth('login', 'password'),
    'services/auth/src/registration.ts': auth('password', 'login', 'sessions'),
    'services/auth/src/first-admin.ts': auth('start'),
    'services/auth/src/sessions.ts': auth('sessions', 'session-list', 'login'),
    'services/auth/src/tokens.ts': auth('signing-keys', 'sessions'),
    'services/auth/src/signing-keys.ts': auth('signing-keys'),
    'services/auth/src/secret-box.ts': auth('signing-keys'),
    'services/auth/src/wechat-data.ts': auth('wechat-data'),
    'services/auth/src/wechat-login.ts': auth('wechat-login', 'wechat'),
    'shared/src/session-copies.ts': shared('session-copies'),
    'shared/src/secret.ts': shared('secret'),
    'gateway/src/caller.ts': gateway('caller'),
    'gateway/src/tokens.ts': gateway('caller', 'foreign-origin'),
  },
  guard: {
    'services/auth/src/guard.ts': guessing,
    'services/auth/src/in-flight.ts': guessing,
    'services/auth/src/guess-counters.ts': guessing,
    'services/auth/src/guess-repository.ts': guessing,
    'shared/src/work-queue.ts': shared('work-queue'),
    'gateway/src/address.ts': gateway('address'),
    'gateway/src/rate-limit.ts': gateway('rate-limit'),
  },
  verification: {
    'services/verification/src/calendar.ts': verification('limits'),
    'services/verification/src/captchas.ts': verification('captchas', 'refusals'),
    'services/verification/src/codes.ts': verification('codes', 'refusals'),
    'services/verification/src/digests.ts': verification('codes', 'captchas', 'secrecy'),
    'services/verification/src/policy.ts': sending,
    'services/verification/src/alarms.ts': sending,
    'services/verification/src/refusals.ts': verification('refusals', 'limits', 'codes', 'captchas'),
    'services/verification/src/sending.ts': sending,
  },
};

/** Of each file of rules the test files that hold it. */
export const testsOf: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(ruleGroups).flatMap((rules) => Object.entries(rules)),
);
