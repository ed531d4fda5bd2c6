import type { Bus } from '@vestibule/shared/bus/bus';
import type { CallContext } from '@vestibule/shared/call-context';
import { AppError } from '@vestibule/shared/errors';
import t from 'tap';
import { createUserPages } from '../src/dialects/accounts/user-pages.ts';

const account = {
  id: 20_000_001,
  role: 'normal',
  status: 'active',
  nickname: '测试用户5',
  profile: { name: '测试', phone: '13800138000', position: '职位1', email: 'abc@abc.com' },
  createdAt: '2026-11-21T00:00:05.000Z',
};

/** Pages of a service that notes what it is asked, and has more accounts each time. */
function start() {
  const asked: { input: object; context: CallContext }[] = [];
  let fails = false;
  const call = async (_contract: unknown, input: object, context: CallContext) => {
    asked.push({ input, context });
    if (fails) throw new AppError('unavailable');
    return { total: 15 + asked.length, accounts: [account] };
  };
  const read = createUserPages({
    bus: { call: call as Bus['call'] }, // Answers the one contract that is called.
    time: () => '2026-11-21 08:00:05',
  });
  const ask = (page: number, requestId: string, rest: Partial<CallContext> = {}) =>
    read({ page, callContext: { requestId, deadline: 1_700_000_000_000, ...rest } });
  return {
    asked,
    ask,
    fail() {
      fails = true;
    },
  };
}

const textOf = (total: number, page = 1) =>
  `{"cmd":"list/user","data":{"total":${total},"per_page":15,"current_page":${page},"last_page":2,"data":[` +
  '{"email":"abc@abc.com","id":20000001,"name":"测试","nickname":"测试用户5","phone":"13800138000",' +
  '"position":"职位1","account_status":"已审核","create_time":"2026-11-21 08:00"}]},"message":"success","status":true}';

t.test('who asks for the same page in one turn shares a call that names them all', async (t) => {
  const { asked, ask } = start();
  t.strictSame(await Promise.all([ask(1, 'a'), ask(2, 'b'), ask(1, 'c')]), [
    textOf(16),
    textOf(17, 2),
    textOf(16),
  ]);
  t.strictSame(asked, [
    {
      input: { page: 1, perPage: 15 },
      context: { requestId: 'a', alsoFor: 'c', deadline: 1_700_000_000_000 },
    },
    { input: { page: 2, perPage: 15 }, context: { requestId: 'b', deadline: 1_700_000_000_000 } },
  ]);
});

t.test('who asks later is told what there is then', async (t) => {
  const { asked, ask } = start();
  t.equal(await ask(1, 'a'), textOf(16));
  t.equal(await ask(1, 'b'), textOf(17));
  t.equal(asked.length, 2);
});

t.test('a request that must be answered sooner, or is traced, has a call of its own', async (t) => {
  const { asked, ask } = start();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await Promise.all([
    ask(1, 'a'),
    ask(1, 'b', { deadline: 1_699_999_999_000 }),
    ask(1, 'c', { traceparent }),
  ]);
  t.strictSame(
    asked.map(({ context }) => context.alsoFor),
    [undefined, undefined, undefined],
  );
});

t.test('a failure is that of all who share the call', async (t) => {
  const { asked, ask, fail } = start();
  fail();
  const both = [ask(1, 'a'), ask(1, 'b')];
  for (const one of both) await t.rejects(one, { code: 'unavailable' });
  t.equal(asked.length, 1);
});
