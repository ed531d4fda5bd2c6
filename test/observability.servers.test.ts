import { readFileSync } from 'node:fs';
import t from 'tap';
import { startPlatform } from './harness/platform.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

/** Names of metrics in PromQL; those of a histogram's parts without their ends. */
const namesIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/\b(?:vestibule|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
      name.replace(/_(?:bucket|count|sum)$/, ''),
    ),
  ),
];

t.test('the dashboard and the alerts ask for nothing that no process shows', async (t) => {
  const replicas = { gateway: 1, auth: 1, user: 1, verification: 1, process: 1 };
  const { parts, gateways } = await startPlatform(t, { replicas });
  const answer = await fetch(`${gateways[0]}/user/login/`, {
    method: 'POST',
    body: '{"id":"10000001","password":"x"}',
    headers: { 'content-type': 'application/json' },
  });
  t.equal(answer.status, 200);
  const shown = await Promise.all(parts.map(async ({ ops }) => (await fetch(`${ops}/metrics`)).text()));
  const all = shown.join('\n');
  for (const file of ['deploy/grafana-dashboard.json', 'deploy/alerts.yml']) {
    const names = namesIn(read(file));
    t.ok(names.length > 8, `${file} names metrics`);
    for (const name of names) t.match(all, `# TYPE ${name} `, `${file}: ${name}`);
  }
  const authShows = shown[parts.findIndex(({ name }) => name === 'auth')] ?? '';
  t.match(
    authShows,
    /vestibule_bus_served_seconds_count\{subject="auth.login-by-password",outcome="credentials-wrong"\} 1\n/,
  );
  t.match(
    authShows,
    /vestibule_bus_call_seconds_count\{subject="user.credentials",outcome="account-unknown"\} 1\n/,
  );
  t.match(authShows, /vestibule_database_pool\{state="idle"\} [1-9]/);
  t.match(authShows, 'vestibule_work_queue{queue="password hashes",state="waiting"} 0\n');
});

t.test('each alert is explained to operators', async (t) => {
  const alerts = [...read('deploy/alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  t.ok(alerts.length >= 10);
  const explained = read('docs/alerts.md');
  for (const alert of alerts) t.match(explained, `\`${alert}\``);
});
