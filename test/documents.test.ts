// The documents' own requests by HTTP. REPLAY_URL names a platform that runs already, with LIMITS=off, e.g. one
// started from a clean clone; without it one is started here as `npm start` does.
import t from 'tap';
import { replayCharity } from './documents/charity.ts';
import { replayOpenid } from './documents/openid.ts';
import { manners } from './documents/send.ts';
import { launch, ownSettings } from './harness/launched.ts';

async function startHere(): Promise<string> {
  const launched = launch(t, 'main.ts', { ...(await ownSettings(t)), LIMITS: 'off' });
  return launched.says(/(?<=listens on {3})http:\S+/);
}

const gateway = process.env.REPLAY_URL ?? (await startHere());

for (const manner of manners) {
  const how = `with ${manner.body} bodies, ${manner.slash ? 'with' : 'without'} the trailing slash`;
  t.test(`the charity document is answered to the letter ${how}`, (t) => replayCharity(t, gateway, manner));
  t.test(`the openid document is answered to the letter ${how}`, (t) => replayOpenid(t, gateway, manner));
}
