import t from 'tap';
import { type CallContext, sharedContext, sharingOf } from '../src/call-context.ts';

const contextOf = (requestId: string, deadline: number): CallContext => ({ requestId, deadline });

t.test('a call of one request is made under its own context', async (t) => {
  const context = contextOf('request-1', 1_700_000_000_050);
  t.equal(sharedContext([context]), context);
});

t.test('a call of several requests names all of them, and ends in time for each', async (t) => {
  const caller = { accountId: 10_000_001, role: 'admin', status: 'active' } as const;
  const shared = sharedContext([
    { ...contextOf('request-1', 1_700_000_000_050), caller },
    contextOf('request-2', 1_700_000_000_020),
    contextOf('request-3', 1_700_000_000_090),
  ]);
  t.strictSame(shared, {
    requestId: 'request-1',
    alsoFor: 'request-2 request-3',
    deadline: 1_700_000_000_020,
    caller: { accountId: 10_000_001, role: 'admin', status: 'active' },
  });
});

t.test('requests share a call when it is to end at about the same time for both', async (t) => {
  const sharing = sharingOf(contextOf('request-1', 1_700_000_000_000));
  t.equal(sharingOf(contextOf('request-2', 1_700_000_000_099)), sharing);
  t.not(sharingOf(contextOf('request-3', 1_700_000_000_100)), sharing);
});

t.test('a request of a trace shares its calls with nobody', async (t) => {
  const traced = (requestId: string, span: string) => ({
    ...contextOf(requestId, 1_700_000_000_000),
    traceparent: `00-0af7651916cd43dd8448eb211c80319c-${span}-01`,
  });
  const sharing = sharingOf(traced('request-1', 'b7ad6b7169203331'));
  t.not(sharingOf(traced('request-2', 'b7ad6b7169203332')), sharing);
  t.not(sharingOf(contextOf('request-3', 1_700_000_000_000)), sharing);
});
