import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { documents } from '../scripts/documents.ts';

for (const { path, text } of documents) {
  t.test(`${path} says what the code says (npm run docs renews it)`, async (t) => {
    t.equal(readFileSync(join(import.meta.dirname, '..', path), 'utf8'), text);
  });
}
