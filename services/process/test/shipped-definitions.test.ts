import { join } from 'node:path';
import t from 'tap';
import { readShipped, shippedFolder } from '../src/shipped-definitions.ts';
import { changed, example } from './definition-example.ts';

t.test('the platform ships three processes', async (t) => {
  t.strictSame(
    (await readShipped(shippedFolder)).map(({ name }) => name),
    ['account_closure', 'account_review', 'repair_apply'],
  );
});

t.test('the definitions of a folder are read in the order of their names', async (t) => {
  const folder = t.testdir({
    'leave.json': JSON.stringify(example()),
    'a.json': JSON.stringify(changed(example(), 'name', 'a')),
    'notes.txt': 'not a definition',
  });
  t.strictSame(
    (await readShipped(folder)).map(({ name }) => name),
    ['a', 'leave'],
  );
});

t.test('a broken file is an error of one line that names the file and what is wrong', async (t) => {
  const broken: [text: string, reason: string | RegExp][] = [
    [JSON.stringify(changed(example(), 'steps.audit.to', 'x')), 'steps.audit.to is refused: unknown-step'],
    [JSON.stringify(changed(example(), 'first', undefined)), 'first is refused: missing'],
    [JSON.stringify(changed(example(), 'name', 'another')), 'its name is another'],
    ['[]', 'it is no JSON object'],
    ['{"name": "leave",', /JSON/],
  ];
  for (const [text, reason] of broken) {
    const folder = t.testdir({ 'leave.json': text });
    const path = join(folder, 'leave.json');
    const error = await readShipped(folder).catch((thrown: unknown) => thrown);
    const { message } = Object(error);
    t.ok(message.startsWith(`the shipped definition ${path} is broken: `), message);
    t.match(message.slice(`the shipped definition ${path} is broken: `.length), reason);
    t.notMatch(message, /\n/);
  }
});
