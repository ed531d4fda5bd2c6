import { authContracts } from '@vestibule/shared/contracts/auth';
import { verificationContracts } from '@vestibule/shared/contracts/verification';
import { testParts } from '@vestibule/shared/test/parts';
import t from 'tap';
import { type Answer, clientOf } from '../gateway/test/harness/client.ts';
import { startGateway } from '../gateway/test/harness/platform.ts';
import { argon2 } from '../services/auth/src/password-hashing.ts';
import { startAuth, startUser } from '../services/auth/test/auth-service.ts';
import { startVerification } from '../services/verification/test/verification-service.ts';

t.setTimeout(300_000);

const pairs = 100;
/** Pairs before those that count: until all is compiled. */
const warmUp = 10;

const environment = {
  GUESS_PAIR_LIMIT: '1000000',
  GUESS_ADDRESS_LIMIT: '1000000',
  GUESS_ACCOUNT_LIMIT: '1000000',
  CAPTCHA_PER_MINUTE: '1000000',
  REQUEST_DEADLINE_MS: '60000',
};
const parts = await testParts(t);
const client = clientOf(await startGateway(t, parts, { environment }));
await startUser(t, parts);
await startAuth(t, parts, { environment, engine: argon2 });
await startVerification(t, parts, { environment });
const context = () => ({ requestId: 'a-request', deadline: parts.clock() + 60_000 });
const { account } = await parts.bus.call(
  authContracts.register,
  {
    identities: [
      { kind: 'nickname', value: 'sara' },
      { kind: 'phone', value: '13900000000' },
    ],
    password: 'sesame-4711',
    role: 'normal',
    status: 'active',
    profile: {},
  },
  context(),
);

/** What a captcha of the accounts document answers, which is no part of what is measured. */
async function captcha() {
  const asked = { scope: 'accounts', length: 5, address: '203.0.113.7' };
  const { id } = await parts.bus.call(verificationContracts.newCaptcha, asked, context());
  const { answer } = await parts.bus.call(verificationContracts.revealCaptcha, { id }, context());
  return { captcha_id: id, captcha_code: answer };
}

/** A login with a wrong password, for the account or for one that nobody has: what sends it, and what is answered. */
type Login = {
  prepared: (stranger: number | null) => Promise<() => Promise<Answer>>;
  refusal: object;
};
const passwd = 'wrong-0815';
const logins: Record<string, Login> = {
  charity: {
    async prepared(stranger) {
      const id = String(stranger === null ? account.id : 20_000_000 + stranger);
      return () => client.post('/user/login', { id, password: passwd });
    },
    refusal: { code: 401, msg: 'Incorrect username or password' },
  },
  accounts: {
    async prepared(stranger) {
      const fields = {
        nickname: stranger === null ? 'sara' : `ann${stranger}`,
        passwd,
        ...(await captcha()),
      };
      return () => client.post('/login', fields);
    },
    refusal: { cmd: 'login', data: [], message: '用户名或密码错误', status: false },
  },
  medicine: {
    async prepared(stranger) {
      const phone = stranger === null ? '13900000000' : String(13_800_000_000 + stranger);
      return () => client.post('/api/1.0/sessions', { phone, password: passwd });
    },
    refusal: { re_code: '4106', msg: '密码错误' },
  },
};

/** How often one of the first takes longer than one of the second, of all pairs: 0.5 where nothing tells them apart. */
function share(first: readonly number[], second: readonly number[]): number {
  const longer = first.flatMap((one) => second.map((other) => Number(one > other)));
  return longer.reduce((sum, one) => sum + one, 0) / longer.length;
}

for (const [name, { prepared, refusal }] of Object.entries(logins)) {
  t.test(
    `${name}: an unknown login and a wrong password have the same answer and take the same time`,
    async (t) => {
      const times = { unknown: [] as number[], wrong: [] as number[] };
      const answers = new Set<string>();
      async function measure(kind: 'unknown' | 'wrong', pair: number) {
        const send = await prepared(kind === 'unknown' ? pair : null);
        const begun = performance.now();
        const { status, body, headers } = await send();
        const took = performance.now() - begun;
        answers.add(JSON.stringify([status, body, Object.keys(headers).sort()]));
        if (pair >= warmUp) times[kind].push(took);
      }
      // Turn by turn, so that whatever else the machine does falls on both.
      for (let pair = 0; pair < warmUp + pairs; pair += 1) {
        const order = pair % 2 === 0 ? (['unknown', 'wrong'] as const) : (['wrong', 'unknown'] as const);
        for (const kind of order) await measure(kind, pair);
      }
      const [[status, body] = []] = [...answers].map((answer): unknown[] => JSON.parse(answer));
      t.strictSame({ status, body }, { status: 200, body: refusal });
      t.equal(answers.size, 1, 'down to the names of the headers');
      const longer = share(times.unknown, times.wrong);
      // With 100 of each the share of two equal distributions is within 0.2 of a half, but for one in a million times.
      t.ok(
        Math.abs(longer - 0.5) < 0.2,
        `the unknown one takes longer ${Math.round(longer * 100)} % of the time`,
      );
    },
  );
}
