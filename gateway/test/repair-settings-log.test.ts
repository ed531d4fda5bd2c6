import t from 'tap';
import { startRepair } from './harness/repair.ts';

t.test('the audit log shows of a change of settings which, from what to what', async (t) => {
  const line = {
    number: 7,
    at: '2020-03-26T03:34:29.000Z',
    action: 'setting.changed',
    actorId: null,
    accountId: null,
    address: null,
    requestId: 'start-gateway-1',
    details: {
      part: 'gateway',
      changes: [
        { name: 'ALLOWED_ORIGINS', from: null, to: 'https://www.example.com' },
        { name: 'OPENID_BINDING', from: 'off', to: 'token' },
      ],
    },
  };
  const auditLog = async () => ({ total: 1, entries: [line] });
  const { ask } = await startRepair(t, { services: { auth: { auditLog } }, caller: { role: 'admin' } });
  t.strictSame((await ask('/api/audit?action=setting.changed')).body, {
    code: 0,
    msg: 'success',
    data: {
      total: 1,
      page: 1,
      per_page: 15,
      items: [
        {
          number: 7,
          at: '2020-03-26 11:34:29',
          action: 'setting.changed',
          actor_id: null,
          account_id: null,
          address: null,
          request_id: 'start-gateway-1',
          details: {
            part: 'gateway',
            changes: [
              { name: 'ALLOWED_ORIGINS', from: null, to: 'https://www.example.com' },
              { name: 'OPENID_BINDING', from: 'off', to: 'token' },
            ],
          },
        },
      ],
    },
  });
});
