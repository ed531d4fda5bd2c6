import t from 'tap';
import { clientOf } from './harness/client.ts';
import { fakeParts } from './harness/fakes.ts';
import { startGateway } from './harness/platform.ts';

const { parts } = await fakeParts({});
const client = clientOf(await startGateway(t, parts));

t.test('the page at /docs needs nothing from other hosts, and its policy lets it work', async (t) => {
  for (const url of ['/docs', '/docs/']) {
    const { status, body, headers } = await client.get(url);
    t.equal(status, 200);
    const html = String(body);
    const sources = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, source = '']) => source);
    t.ok(sources.length >= 5);
    for (const source of sources) {
      t.notMatch(source, /^(https?:)?\/\//);
      const path = new URL(source, `http://gateway${url}`).pathname;
      const asset = await client.get(path);
      t.equal(asset.status, 200, path);
      t.equal(asset.headers['content-security-policy'], headers['content-security-policy'], path);
    }
    t.notMatch(html, /<script>[^<]|on\w+="|<style>/, 'no script or style stands in the page');
    const policy = String(headers['content-security-policy']);
    t.match(policy, /default-src 'self';/);
    t.match(policy, /style-src 'self' 'unsafe-inline';/);
    t.match(policy, /img-src 'self' data:;/);
    t.notMatch(policy, /https?:/);
  }
  t.match((await client.get('/docs/static/swagger-initializer.js')).body, /"validatorUrl":\s*null/);
});
