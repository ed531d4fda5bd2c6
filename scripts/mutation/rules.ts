/** A file of rules, and the test files that hold it: the nearest to it come first. */
type Rules = Readonly<Record<string, readonly string[]>>;

const auth = (...names: string[]) => names.map((name) => `services/auth/test/${name}.test.ts`);
const gateway = (...names: string[]) => names.map((name) => `gateway/test/${name}.test.ts`);
const shared = (...names: string[]) => names.map((name) => `shared/test/${name}.test.ts`);
const verification = (...names: string[]) =>
  names.map((name) => `services/verification/test/${name}.test.ts`);

/** What decides who gets in, who may guess on, and to whom a code is sent; the groups each have their score. */
export const ruleGroups: Readonly<Record<string, Rules>> = {
  auth: {
    'services/auth/src/granted-roles.ts': auth('granted-roles'),
    'services/auth/src/password-policy.ts': auth('password-policy'),
    'services/auth/src/password-hashing.ts': auth('login-rules', 'password-hashing'),
    'services/auth/src/login.ts': auth('login-rules'),
    'services/auth/src/registration.ts': auth('login-rules'),
    'services/auth/src/first-admin.ts': auth('first-admin'),
    'services/auth/src/sessions.ts': auth('session-rules'),
    'services/auth/src/tokens.ts': auth('signing-key-rules'),
    'services/auth/src/signing-keys.ts': auth('signing-key-rules'),
    'services/auth/src/secret-box.ts': auth('secret-box'),
    'services/auth/src/wechat-data.ts': auth('wechat-data'),
    'services/auth/src/wechat-login.ts': auth('wechat-rules'),
    'shared/src/session-copies.ts': shared('session-copies'),
    'shared/src/secret.ts': shared('secret'),
    'shared/src/setting-texts.ts': shared('setting-texts'),
    'gateway/src/caller.ts': gateway('caller-rules', 'caller'),
    'gateway/src/tokens.ts': gateway('caller-rules', 'foreign-origin'),
  },
  guard: {
    'services/auth/src/guard.ts': auth('guard-rules'),
    'services/auth/src/in-flight.ts': auth('in-flight', 'guard-rules'),
    'services/auth/src/guess-counters.ts': auth('guess-counters'),
    'services/auth/src/guess-repository.ts': auth('guard-store-away'),
    'shared/src/work-queue.ts': shared('work-queue'),
    'gateway/src/address.ts': gateway('address'),
    'gateway/src/rate-limit.ts': gateway('address-limit', 'rate-limit'),
  },
  verification: {
    'services/verification/src/calendar.ts': verification('limits'),
    'services/verification/src/captchas.ts': verification('captchas', 'secrecy', 'refusals'),
    'services/verification/src/codes.ts': verification('codes', 'refusals'),
    'services/verification/src/digests.ts': verification('secrecy', 'codes'),
    'services/verification/src/policy.ts': verification('policy'),
    'services/verification/src/alarms.ts': verification('alarms'),
    'services/verification/src/refusals.ts': verification('refusals', 'limits'),
    'services/verification/src/sending.ts': verification('sending-rules'),
  },
};

/** Of each file of rules the test files that hold it. */
export const testsOf: ReadonlyMap<string, readonly string[]> = new Map(
  Object.values(ruleGroups).flatMap((rules) => Object.entries(rules)),
);
