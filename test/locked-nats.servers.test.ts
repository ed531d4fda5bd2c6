import { connect, type NatsConnection } from 'nats';
import t, { type Test } from 'tap';
import { startLockedNats, type UserName } from './harness/locked-servers.ts';

const broker = await startLockedNats(t);

async function connected(t: Test, user: UserName): Promise<NatsConnection> {
  const { username, password, host } = new URL(broker.urlFor(user));
  const options = { servers: host, user: username, pass: password, inboxPrefix: `_INBOX.${user}` };
  const connection = await connect(options);
  t.teardown(() => connection.close());
  return connection;
}

const refused = { code: 'PERMISSIONS_VIOLATION' };

/** Rejects when the broker refuses: it says so before it answers what was sent after. */
function listen(connection: NatsConnection, subject: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const callback = (error: Error | null) => error && reject(error);
    connection.subscribe(subject, { callback });
    connection.flush().then(resolve, reject);
  });
}

/** What a thief of one user's password asks of others, listens to, and says in their name. */
const mayNot: Record<UserName, { ask: string[]; hear: string[] }> = {
  gateway: {
    ask: [
      'user.credentials',
      'user.at.R1.set-password',
      'user.create',
      'events.account.created',
      'events.setting.changed',
      'alive.auth',
    ],
    hear: ['>', 'vestibule.>', 'vestibule.auth.>', '_INBOX.>', '_INBOX.auth.>', 'vestibule.events.>'],
  },
  auth: {
    ask: [
      'verification.reveal-code',
      'process.start',
      'auth.login-by-password',
      'auth.note-settings',
      'events.account.created',
    ],
    hear: ['>', 'vestibule.>', 'vestibule.user.>', '_INBOX.>', '_INBOX.gateway.>', '$SRV.PING.user'],
  },
  user: {
    ask: [
      'auth.register',
      'auth.verify-session',
      'auth.at.R1.audit-log',
      'user.set-role',
      'process.start',
      'events.session.opened',
      'events.setting.changed',
    ],
    hear: ['>', 'vestibule.>', 'vestibule.auth.>', '_INBOX.>', '_INBOX.auth.>', '$SRV.PING.auth'],
  },
  verification: {
    ask: [
      'auth.register',
      'auth.at.R1.register',
      'auth.audit-log',
      'user.set-role',
      'process.deploy',
      'alive.auth',
      'events.setting.changed',
    ],
    hear: ['>', 'vestibule.>', 'vestibule.auth.>', '_INBOX.>', '_INBOX.gateway.>', 'vestibule.events.>'],
  },
  process: {
    ask: [
      'user.credentials',
      'user.set-password',
      'user.set-role',
      'auth.register',
      'auth.at.R1.audit-log',
      'events.account.created',
      'events.setting.changed',
    ],
    hear: ['>', 'vestibule.>', 'vestibule.user.>', '_INBOX.>', '_INBOX.gateway.>', '$SRV.PING.auth'],
  },
};

for (const [name, { ask, hear }] of Object.entries(mayNot)) {
  t.test(`a stolen password of ${name} neither asks in others' place nor listens to them`, async (t) => {
    const thief = await connected(t, name as UserName); // a key of `mayNot`
    for (const subject of ask) {
      const asked = thief.request(`vestibule.${subject}`, '{}', { timeout: 2000 });
      await t.rejects(asked, refused, `asks ${subject}`);
    }
    for (const subject of hear) await t.rejects(listen(thief, subject), refused, `hears ${subject}`);
    for (const subject of ['STREAM.DELETE', 'STREAM.PURGE', 'STREAM.UPDATE', 'STREAM.MSG.GET']) {
      const asked = thief.request(`$JS.API.${subject}.vestibule-events`, '', { timeout: 2000 });
      await t.rejects(asked, refused, subject);
    }
  });
}

t.test('each part but auth itself may tell auth what it runs with', async (t) => {
  const auth = await connected(t, 'auth');
  for (const subject of ['auth.note-settings', 'auth.at.R1.note-settings']) {
    auth.subscribe(`vestibule.${subject}`, { callback: (_error, message) => void message.respond('noted') });
    await auth.flush();
    for (const name of ['gateway', 'user', 'verification', 'process'] as const) {
      const part = await connected(t, name);
      const reply = await part.request(`vestibule.${subject}`, '{}', { timeout: 2000 });
      t.equal(reply.string(), 'noted', `${name} asks ${subject}`);
    }
  }
});

t.test('what a service was asked it may answer, once, and nobody else', async (t) => {
  const gateway = await connected(t, 'gateway');
  const verification = await connected(t, 'verification');
  const inboxes: string[] = [];
  verification.subscribe('vestibule.verification.new-captcha', {
    callback(_error, message) {
      inboxes.push(message.reply ?? '');
      message.respond('drawn');
    },
  });
  await verification.flush();
  const reply = await gateway.request('vestibule.verification.new-captcha', '{}', { timeout: 2000 });
  t.equal(reply.string(), 'drawn');
  const [inbox = ''] = inboxes;
  t.match(inbox, /^_INBOX\.gateway\./);
  const again = verification.request(inbox, 'forged', { timeout: 2000 });
  await t.rejects(again, refused, 'a second answer is refused');
});

t.test('nobody connects without a password, or with that of another', async (t) => {
  const { host, password } = new URL(broker.urlFor('verification'));
  await t.rejects(connect({ servers: host }), { code: 'AUTHORIZATION_VIOLATION' });
  const swapped = connect({ servers: host, user: 'auth', pass: password });
  await t.rejects(swapped, { code: 'AUTHORIZATION_VIOLATION' });
});
