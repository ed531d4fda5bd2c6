import { Resvg } from '@resvg/resvg-js';
import type { JsonObject } from '@vestibule/shared/contracts/json';
import t from 'tap';
import { checkDefinition } from '../src/definition-rules.ts';
import { mermaidOf } from '../src/diagram/mermaid.ts';
import { svgOf } from '../src/diagram/svg.ts';
import { linesOf, textWidth } from '../src/diagram/text-lines.ts';
import { readShipped, shippedFolder } from '../src/shipped-definitions.ts';
import { changed, example } from './definition-example.ts';

const definition = (body: JsonObject = example()) => checkDefinition(body);

t.test('a definition is a Mermaid flowchart in which the present steps stand out', async (t) => {
  t.equal(
    mermaidOf(definition(), ['answer', 'audit']),
    [
      'flowchart TD',
      '  start(["请假"])',
      '  step_check["审核"]',
      '  step_answer["补充"]',
      '  step_audit[["启用"]]',
      '  step_done(["完成"])',
      '  step_refused(["拒绝"])',
      '  start --> step_check',
      '  step_check -->|"result = yes"| step_audit',
      '  step_check -->|"result = no"| step_refused',
      '  step_check --> step_answer',
      '  step_answer --> step_check',
      '  step_audit --> step_done',
      '  classDef active fill:#fde68a,stroke:#b45309,stroke-width:3px',
      '  class step_answer,step_audit active',
      '',
    ].join('\n'),
  );
  t.notMatch(mermaidOf(definition(), []), /class/);
});

t.test('branches that lead to the same step are one way with its first conditions', async (t) => {
  const values = ['a', 'b', 'c', 'd', 'x'.repeat(40)];
  const body = changed(
    changed(example(), 'steps.check.form.properties.result', { type: 'string', title: '结果', enum: values }),
    'steps.check.next',
    [
      { when: { field: 'result', equals: values[4] }, to: 'audit' },
      ...values.slice(0, 3).map((equals) => ({ when: { field: 'result', equals }, to: 'refused' })),
      { when: { field: 'result', equals: 'd' }, to: 'answer' },
    ],
  );
  const text = mermaidOf(definition(body), []);
  t.match(text, `step_check -->|"结果 = a · 结果 = b · 结果 = c"| step_refused`);
  t.match(text, `step_check -->|"结果 = xxxxxxxxxxxxxxxxxxxxxxx…"| step_audit`);
  const more = changed(body, 'steps.check.next.4.to', 'refused');
  const all = changed(more, 'steps.answer', undefined);
  t.match(mermaidOf(definition(all), []), `|"结果 = a · 结果 = b · 结果 = c · …"| step_refused`);
});

/** Titles that mean something to Mermaid, Markdown, HTML or XML. */
const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"]; click step_check href "javascript:alert(1)"',
  'end',
  '%%{init: {"securityLevel": "loose"}}%%',
  '"`**bold**`"',
  '#quot;&lt;&#60;',
  'a\nb\r\nc\u2028d\u2029e\u0085f',
  ']]>--><!--',
  "'); --",
  '\u0001\u000b\u001b[31m\ufffe\uffff',
  '\u202egnirts\u202c',
  'style x fill:#f00;',
  '😀👨‍👩‍👧‍👦'.repeat(7),
  '维'.repeat(100),
  'x'.repeat(100),
  ' ',
];

t.test('no title breaks the text of a Mermaid flowchart', async (t) => {
  const safe = /^ {2}step_check\["(?:[\p{L}\p{N}\p{M}\p{So}\p{Sk}\p{Cf}\p{Cn}=… ]|#\d+;)*"\]$/u;
  for (const [number, title] of hostile.entries()) {
    const text = mermaidOf(definition(changed(example(), 'steps.check.title', title)), []);
    const lines = text.split(/[\r\n\u0085\u2028\u2029]/);
    t.equal(lines.length, 14, `title ${number}`);
    t.match(lines[2], safe, `title ${number}`);
  }
});

t.test('no title and no label breaks a picture', async (t) => {
  for (const [number, title] of hostile.entries()) {
    const body = changed(
      changed(changed(example(), 'title', title), 'steps.check.title', title),
      'steps.check.form.properties.result.title',
      title,
    );
    const svg = svgOf(definition(body), ['check']);
    const { width, height } = new Resvg(svg, { font: { loadSystemFonts: false } });
    t.ok(width > 96 && height > 300, `title ${number}`);
    t.notMatch(svg, /<(?!\/?(?:svg|title|rect|g|text|path)[ >/])/, 'it has no other elements than ours');
    const names = svg.replaceAll(/"[^"]*"/g, '""');
    t.notMatch(names, /<[^>]* (?:on\w+|href|style)=/, 'and none of these attributes');
    t.notMatch(svg.replaceAll('\n', ''), /[\p{Cc}\ufffe\uffff]/u, 'nor what XML forbids');
  }
});

t.test(
  'a picture shows the title of the definition, of its steps, and what branches are taken by',
  async (t) => {
    const svg = svgOf(definition(changed(example(), 'steps.check.title', 'A & B')), ['answer']);
    const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    t.strictSame(texts, ['请假', 'A &amp; B', '补充', '启用', '完成', '拒绝', 'result = yes', 'result = no']);
    t.equal(svg.match(/class="task active"/g)?.length, 1);
    t.notMatch(svgOf(definition(), ['nowhere', 'constructor']), /active/);
  },
);

t.test('the same definition is always the same picture', async (t) => {
  t.equal(svgOf(definition(), ['check']), svgOf(definition(), ['check']));
});

type Box = { x: number; y: number; width: number; height: number };
const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The frames of the nodes and the grounds of the labels. */
function boxesOf(svg: string): Box[] {
  const groups = [
    ...svg.matchAll(/<g class="[^"]*"><rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"/g),
  ];
  return groups.map((found) => {
    const [x = 0, y = 0, width = 0, height = 0] = found.slice(1).map(Number);
    return { x, y, width, height };
  });
}

/** Every point that a line goes by. */
const pointsOf = (svg: string): { x: number; y: number }[] =>
  [...svg.matchAll(/ d="([^"]+)"/g)].flatMap(([, path = '']) =>
    [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) })),
  );

/** With a step that leads to itself. */
const repeated = {
  name: 'x',
  title: 'x',
  form: { type: 'object', properties: {} },
  start: { by: 'client' },
  first: 'again',
  steps: {
    again: {
      kind: 'task',
      title: 'again',
      form: { type: 'object', required: ['ok'], properties: { ok: { type: 'boolean' } } },
      candidateRole: 'admin',
      next: [{ when: { field: 'ok', equals: false }, to: 'again', assign: 'last-worker' }, { to: 'done' }],
    },
    done: { kind: 'end', title: 'd', outcome: 'd' },
  },
};

t.test('nothing in a picture covers anything else, or stands outside of it', async (t) => {
  const bodies = [
    ...(await readShipped(shippedFolder)),
    example(),
    changed(example(), 'steps.check.title', '很长的标题'.repeat(20)),
    changed(changed(example(), 'steps.check.next.2.to', 'check'), 'steps.answer', undefined),
    repeated,
    changed(repeated, 'steps.again.next', [
      { when: { field: 'ok', equals: true }, to: 'done' },
      { to: 'again' },
    ]),
  ];
  for (const body of bodies) {
    const svg = svgOf(definition(body), []);
    t.notMatch(svg, /NaN|undefined/);
    const boxes = boxesOf(svg);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    const isInside = ({ x, y }: { x: number; y: number }) =>
      x >= 0 && y >= 0 && x <= Number(width) && y <= Number(height);
    for (const [index, box] of boxes.entries()) {
      t.ok(isInside(box) && isInside({ x: box.x + box.width, y: box.y + box.height }));
      t.notOk(boxes.slice(index + 1).some((other) => overlap(box, other)));
    }
    t.ok(boxes.length >= 3 && pointsOf(svg).length >= 10, 'there is something to see');
    t.ok(pointsOf(svg).every(isInside), 'all lines are inside');
  }
  t.match(mermaidOf(definition(repeated), []), 'step_again -->|"ok = false"| step_again');
});

t.test(
  'text is broken between words, between Chinese letters, and within a word that is too long',
  async (t) => {
    t.strictSame(linesOf('one two three', textWidth('one two')), ['one two', 'three']);
    t.strictSame(linesOf('空调坏了，漏水', textWidth('空调坏')), ['空调坏', '了，漏', '水']);
    t.strictSame(linesOf('aaaaaaa', textWidth('aaa')), ['aaa', 'aaa', 'a']);
    t.strictSame(linesOf('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', textWidth('👨‍👩‍👧‍👦')), ['👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦']);
    t.strictSame(linesOf(' \n ', 100), []);
  },
);
