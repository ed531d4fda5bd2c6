import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { hostileName, hostileValue, type Value } from './values.ts';

/** Names with their values, in order; a name may come twice. */
export type Fields = readonly (readonly [name: string, value: Value])[];

/** A body as it goes over the wire, with the headers that speak of it. */
export type Body = { bytes: Buffer; headers: readonly string[] };

const json = (fields: Fields) =>
  Buffer.from(`{${fields.map(([name, { json }]) => `${JSON.stringify(name)}:${json}`).join(',')}}`);

/** `encodeURIComponent` refuses halves of surrogate pairs; here they become what a careless client sends. */
const escaped = (text: string) => encodeURIComponent(text.toWellFormed());
const form = (fields: Fields) =>
  Buffer.from(fields.map(([name, { text }]) => `${escaped(name)}=${escaped(text)}`).join('&'));

const boundary = 'fuzz-boundary';
type PartKind = { disposition: string; extra: string };
function multipart(fields: Fields, { disposition, extra }: PartKind, end = `--${boundary}--\r\n`): Buffer {
  const parts = fields.map(
    ([name, { text }]) =>
      `--${boundary}\r\ncontent-disposition: ${disposition.replace('NAME', name.replaceAll(/["\r\n]/g, '_'))}\r\n${extra}\r\n${text}\r\n`,
  );
  return Buffer.from(parts.join('') + end);
}
const plainPart: PartKind = { disposition: 'form-data; name="NAME"', extra: '' };
const partKind: fc.Arbitrary<PartKind> = fc.oneof(
  { arbitrary: fc.constant(plainPart), weight: 4 },
  {
    arbitrary: fc.record({
      disposition: fc.constantFrom(
        'form-data; name="NAME"; filename="a.png"',
        'form-data; name="NAME"; filename="../../a\u0000.png"',
        "form-data; name=NAME; filename*=UTF-8''%ff%00",
        'form-data',
        'attachment; name="NAME"',
        'form-data; name=""',
        `form-data; name="${'n'.repeat(500)}"`,
      ),
      extra: fc.constantFrom(
        '',
        'content-type: image/png\r\n',
        'content-type: application/json\r\n',
        'content-type: text/plain; charset=utf-16le\r\n',
        'content-transfer-encoding: base64\r\n',
        `${'x-header: 1\r\n'.repeat(40)}`,
        'no header at all\r\n',
      ),
    }),
    weight: 3,
  },
);

const type = (contentType: string) => [`content-type: ${contentType}`];
const types = { json: 'application/json', form: 'application/x-www-form-urlencoded' };
const multipartType = `multipart/form-data; boundary=${boundary}`;

const oddTypes = [
  ...[
    'text/plain',
    'text/xml',
    'application/octet-stream',
    'application/json; charset=utf-16',
    'application/json;charset=',
    '',
  ],
  ...[
    'application/json/x',
    'Application/JSON',
    'application/json, text/plain',
    'multipart/form-data',
    'multipart/mixed; boundary=x',
  ],
  ...[
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'b'.repeat(300)}`,
    'application/vnd.api+json',
    '/',
    'a',
  ],
  ...[
    'application/x-www-form-urlencoded; charset=latin1',
    'application/json\t; q="',
    '__proto__',
    'constructor/prototype',
  ],
];

/** The example's fields with some left out, replaced, doubled, and some that nobody asked for. */
const changedFields = (valid: Fields): fc.Arbitrary<Fields> =>
  fc
    .record({
      fates: fc.array(fc.constantFrom('keep', 'keep', 'keep', 'drop', 'replace', 'double'), {
        minLength: valid.length,
        maxLength: valid.length,
      }),
      others: fc.array(hostileValue, { minLength: valid.length, maxLength: valid.length }),
      more: fc.array(fc.tuple(hostileName, hostileValue), { maxLength: 2 }),
    })
    .map(({ fates, others, more }) => {
      const kept = valid.flatMap(([name, own], index): [string, Value][] => {
        const other = others[index] ?? own;
        if (fates[index] === 'drop') return [];
        if (fates[index] === 'replace') return [[name, other]];
        return fates[index] === 'double'
          ? [
              [name, own],
              [name, other],
            ]
          : [[name, own]];
      });
      return [...kept, ...more];
    });

const written = (fields: fc.Arbitrary<Fields>): fc.Arbitrary<Body> =>
  fc.oneof(
    fields.map((all) => ({ bytes: json(all), headers: type(types.json) })),
    fields.map((all) => ({ bytes: form(all), headers: type(types.form) })),
    fc.tuple(fields, partKind).map(([all, kind]) => ({
      bytes: multipart(all, kind),
      headers: type(multipartType),
    })),
  );

/** What can go wrong with the bytes of a body, or with what is said of them. */
const damages: readonly ((body: Body, at: number) => Body)[] = [
  (body, at) => ({ ...body, bytes: body.bytes.subarray(0, Math.floor(body.bytes.length * at)) }),
  (body) => ({ ...body, bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body.bytes]) }),
  (body) => ({ ...body, bytes: Buffer.concat([body.bytes, Buffer.from(']}--x\0')]) }),
  (body) => ({ ...body, bytes: Buffer.concat([Buffer.from([0xff, 0xfe]), body.bytes]) }),
  (body) => ({ ...body, bytes: Buffer.from(body.bytes.toString(), 'utf16le') }),
  (body) => ({ ...body, bytes: gzipSync(body.bytes), headers: [...body.headers, 'content-encoding: gzip'] }),
  (body) => ({ ...body, headers: [...body.headers, 'content-encoding: br'] }),
  (body) => ({ ...body, bytes: Buffer.alloc(0) }),
  (body) => ({ ...body, bytes: Buffer.from('  \n ') }),
  (body) => ({ ...body, bytes: Buffer.concat([body.bytes, Buffer.alloc(70_000, ' ')]) }),
  (body) => ({ ...body, bytes: Buffer.concat([body.bytes, Buffer.alloc(300_000, 'a')]) }),
  (body) => ({ ...body, bytes: Buffer.concat([Buffer.from('['), body.bytes, Buffer.from(']')]) }),
  (body) => ({ ...body, bytes: Buffer.from('%%%&&=&=%zz&%') }),
  (body) => ({ ...body, bytes: Buffer.from(`${'a[b]='.repeat(3000)}1`) }),
  (body) => ({
    ...body,
    bytes: Buffer.from(`--${boundary}\r\n\r\n--${boundary}`),
    headers: type(multipartType),
  }),
  (body) => ({ ...body, bytes: Buffer.from(`--${boundary}\r\n`.repeat(200)), headers: type(multipartType) }),
  (body) => ({ ...body, bytes: Buffer.from('null'), headers: type(types.json) }),
  (body) => ({ ...body, bytes: Buffer.from('"text"'), headers: type(types.json) }),
];

/** Bodies made of the valid fields of an operation: hostile ones, broken ones, none, and at times a valid one. */
export function bodyOf(valid: Fields): fc.Arbitrary<Body> {
  const asked = fc.oneof(
    { arbitrary: fc.constant(valid), weight: 1 },
    { arbitrary: changedFields(valid), weight: 4 },
  );
  const none: Body = { bytes: Buffer.alloc(0), headers: [] };
  return fc.oneof(
    { arbitrary: written(asked), weight: 8 },
    {
      arbitrary: fc
        .tuple(written(asked), fc.constantFrom(...damages), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([body, damage, at]) => damage(body, at)),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(written(asked), fc.constantFrom(...oddTypes))
        .map(([body, contentType]) => ({ ...body, headers: type(contentType) })),
      weight: 2,
    },
    {
      arbitrary: fc
        .tuple(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(types.json, types.form, multipartType))
        .map(([bytes, contentType]) => ({ bytes: Buffer.from(bytes), headers: type(contentType) })),
      weight: 1,
    },
    { arbitrary: fc.constant(none), weight: 1 },
  );
}
