import type { AuditEntry } from '@vestibule/shared/contracts/auth';
import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import { bodyKinds } from './harness/client.ts';
import { account } from './harness/fakes.ts';
import {
  bad,
  good,
  instance,
  person,
  shownInstance,
  shownUser,
  startRepair,
  wechatUser,
} from './harness/repair.ts';

const entry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  number: 5,
  at: '2020-03-26T03:34:29.000Z',
  action: 'account.status-changed',
  actorId: 10_000_001,
  accountId: 51_923_482,
  address: '203.0.113.9',
  requestId: 'a-request',
  details: { from: 'pending', to: 'active' },
  ...fields,
});
const { tasks: _tasks, ...head } = instance;
const services = {
  auth: {
    auditLog: async () => ({
      total: 101,
      entries: [entry(), entry({ number: 4, action: 'account.profile-changed', actorId: 51_923_482 })],
    }),
    sessions: async () => ({
      sessions: [
        {
          createdAt: '2020-03-26T03:34:29.000Z',
          expiresAt: '2020-04-02T03:34:29.000Z',
          endedAt: null,
        },
        {
          createdAt: '2020-03-25T03:34:29.000Z',
          expiresAt: '2020-04-01T03:34:29.000Z',
          endedAt: '2020-03-26T03:34:28.000Z',
        },
      ],
    }),
  },
  user: {
    export: async () => ({
      ...wechatUser({
        nickname: 'Sara',
        profile: {
          ...account().profile,
          name: 'zhangsan1',
          phone: '',
          position: '职位1',
        },
      }),
      identities: [{ kind: 'wechat' as const, value: 'o-own' }],
      hasPassword: true,
      avatar: { contentType: 'image/png' as const, data: 'AAAA' },
      searches: ['123'],
    }),
  },
  process: {
    export: async () => ({
      total: 16,
      instances: [
        {
          instance: head,
          acts: [
            {
              number: 1,
              at: '2020-03-26T03:34:29.000Z',
              action: 'started',
              actor: person,
              task: null,
              details: {},
            },
          ],
        },
      ],
    }),
    requestClosing: async () => instance,
  },
};

t.test('an export is all that is kept of the account, with pages of what may be very much', async (t) => {
  const { ask, calls } = await startRepair(t, { services, caller: { status: 'pending' } });
  const { tasks: _tasks, ...shownHead } = shownInstance;
  t.strictSame(
    (await ask('/api/user/export/?page=2')).body,
    good({
      user: {
        ...shownUser,
        status: 'active',
        nickname: 'Sara',
        first_name: 'Sara',
        last_name: 'Hammer',
        position: '职位1',
        qq: '张三',
        cardno: '0111111111111',
        wxid: 'weixin_id123',
      },
      identities: [{ kind: 'wechat', value: 'o-own' }],
      has_password: true,
      avatar: { content_type: 'image/png', data: 'AAAA' },
      searches: ['123'],
      sessions: [
        { created_at: '2020-03-26 11:34:29', expires_at: '2020-04-02 11:34:29', ended_at: null },
        {
          created_at: '2020-03-25 11:34:29',
          expires_at: '2020-04-01 11:34:29',
          ended_at: '2020-03-26 11:34:28',
        },
      ],
      processes: {
        total: 16,
        page: 2,
        per_page: 15,
        items: [
          {
            ...shownHead,
            acts: [
              {
                number: 1,
                at: '2020-03-26 11:34:29',
                action: 'started',
                actor: person,
                task: null,
                details: {},
              },
            ],
          },
        ],
      },
      audit: {
        total: 101,
        page: 2,
        per_page: 100,
        items: [
          {
            at: '2020-03-26 11:34:29',
            action: 'account.status-changed',
            own: false,
            address: null,
            details: { from: 'pending', to: 'active' },
          },
          {
            at: '2020-03-26 11:34:29',
            action: 'account.profile-changed',
            own: true,
            address: '203.0.113.9',
            details: { from: 'pending', to: 'active' },
          },
        ],
      },
    }),
  );
  t.strictSame(calls(), [
    ['user.export', { id: 51_923_482 }],
    ['auth.sessions', { accountId: 51_923_482 }],
    ['process.export', { page: 2 }],
    ['auth.audit-log', { account: 51_923_482, page: 2, perPage: 100 }],
  ]);
  t.strictSame((await ask('/api/user/export?page=a')).body, bad(-1, '参数错误：page'));
});

for (const kind of bodyKinds) {
  t.test(`the wish to be deleted starts a process, with ${kind} bodies`, async (t) => {
    const { post, calls } = await startRepair(t, { services });
    for (const fields of [{ reason: '不再使用' }, { reason: '' }, {}]) {
      t.strictSame((await post('/api/user/close', fields, { kind })).body, good(shownInstance));
    }
    t.strictSame(calls(), [
      ['process.request-closing', { reason: '不再使用' }],
      ['process.request-closing', {}],
      ['process.request-closing', {}],
    ]);
    t.strictSame(
      (await post('/api/user/close', { reason: '漢'.repeat(501) }, { kind })).body,
      bad(-1, '参数错误：reason'),
    );
  });
}

t.test('who waits for an audit is no account yet that could be closed', async (t) => {
  const { post, calls } = await startRepair(t, { services, caller: { status: 'pending' } });
  const { status, body } = await post('/api/user/close', {});
  t.equal(status, 403);
  t.strictSame(body, bad(-6, '账户正在等待审核'));
  t.strictSame(calls(), []);
});

t.test('a wish that is waiting already is -7', async (t) => {
  const requestClosing = async () => Promise.reject(new AppError('process-running'));
  const { post } = await startRepair(t, { services: { process: { requestClosing } } });
  const { status, body } = await post('/api/user/close', {});
  t.equal(status, 200);
  t.strictSame(body, bad(-7, '已有未结束的同类流程'));
});

t.test('the audit log', async (t) => {
  const { ask, calls } = await startRepair(t, { services, caller: { role: 'admin' } });

  t.test('is shown in pages', async (t) => {
    const shown = {
      number: 5,
      at: '2020-03-26 11:34:29',
      action: 'account.status-changed',
      actor_id: 10_000_001,
      account_id: 51_923_482,
      address: '203.0.113.9',
      request_id: 'a-request',
      details: { from: 'pending', to: 'active' },
    };
    t.strictSame(
      (await ask('/api/audit?page=2')).body,
      good({
        total: 101,
        page: 2,
        per_page: 15,
        items: [shown, { ...shown, number: 4, action: 'account.profile-changed', actor_id: 51_923_482 }],
      }),
    );
  });

  t.test('is asked for an account, an action, and between two times', async (t) => {
    const rows: [query: Record<string, string>, input: object][] = [
      [{}, { page: 1 }],
      [{ account: '', action: '', from: '', to: '', page: '' }, { page: 1 }],
      [
        { account: '51923482', action: 'account.created', page: '3' },
        { account: 51_923_482, action: 'account.created', page: 3 },
      ],
      [
        { from: '2020-03-26 11:34:29', to: '2020-03-26 11:34:29' },
        { from: '2020-03-26T03:34:29.000Z', to: '2020-03-26T03:34:29.999Z', page: 1 },
      ],
      [
        { from: '2020-03-26T11:34:29+08:00', to: '2020-03-26T03:34:29.5Z' },
        { from: '2020-03-26T03:34:29.000Z', to: '2020-03-26T03:34:29.500Z', page: 1 },
      ],
    ];
    for (const [query, input] of rows) {
      t.match((await ask(`/api/audit?${new URLSearchParams(query)}`)).body, { code: 0 });
      t.strictSame(calls().at(-1), ['auth.audit-log', { ...input, perPage: 15 }]);
    }
  });

  t.test('names what is asked wrongly', async (t) => {
    const before = calls().length;
    for (const [field, value] of [
      ['account', '57'],
      ['account', 'sara'],
      ['action', 'Account Created'],
      ['from', 'yesterday'],
      ['from', '2020-02-30 00:00:00'],
      ['to', '2020-03-26'],
      ['page', '0'],
    ] as const) {
      const { body } = await ask(`/api/audit?${new URLSearchParams({ [field]: value })}`);
      t.strictSame(body, bad(-1, `参数错误：${field}`), value);
    }
    t.equal(calls().length, before);
  });

  t.test('is for admins alone', async (t) => {
    for (const [caller, status, code] of [
      [{ role: 'normal' }, 403, -6],
      [{ role: 'repair' }, 403, -6],
      [{ role: 'admin', status: 'pending' }, 403, -6],
      [null, 401, -5],
    ] as const) {
      const other = await startRepair(t, { services, caller });
      const answer = await other.ask('/api/audit');
      t.equal(answer.status, status);
      t.match(answer.body, { code, data: {} });
      t.strictSame(other.calls(), []);
    }
  });
});

t.test('an export and a wish to be deleted need a login', async (t) => {
  const { client } = await startRepair(t, { services });
  for (const answer of [await client.get('/api/user/export'), await client.post('/api/user/close', {})]) {
    t.equal(answer.status, 401);
    t.strictSame(answer.body, bad(-5, '请重新登录'));
  }
});
