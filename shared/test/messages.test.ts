import fc from 'fast-check';
import t from 'tap';
import type { EventKind } from '../src/contracts/event.ts';
import { idOf, messagesOf, type Packable, textOf } from '../src/events/messages.ts';

let number = 0;
function packed(kind: EventKind, key: string, bytes = 100): Packable {
  number++;
  return { id: `event-${number}`, kind, key, text: `"${'x'.repeat(bytes - 2)}"` };
}

const created = 'account.created';
const changed = 'account.profile-changed';
const ended = 'session.ended';

/** Each message by its kind and the keys of its events. */
const shapeOf = (events: readonly Packable[]) =>
  messagesOf(events).map((message) => [message.kind, ...message.events.map(({ key }) => key)]);

t.test('events of one kind go together, of whatever keys', async (t) => {
  const events = [packed(created, 'a'), packed(changed, 'b'), packed(created, 'c'), packed(changed, 'd')];
  t.strictSame(shapeOf(events), [
    [created, 'a', 'c'],
    [changed, 'b', 'd'],
  ]);
});

t.test(
  'an event of a key goes behind what happened to it before, and takes those of its kind along',
  async (t) => {
    const events = [
      packed(created, 'a'),
      packed(changed, 'a'),
      packed(created, 'b'),
      packed(created, 'a'),
      packed(ended, 'a'),
      packed(created, 'b'),
      packed(changed, 'b'),
      packed(changed, 'c'),
    ];
    t.strictSame(shapeOf(events), [
      [created, 'a', 'b'],
      [changed, 'a'],
      [created, 'a', 'b'],
      [ended, 'a'],
      [changed, 'b', 'c'],
    ]);
  },
);

t.test('a message carries 64 events at most', async (t) => {
  const events = Array.from({ length: 150 }, (_, key) => packed(ended, String(key)));
  t.strictSame(
    messagesOf(events).map((message) => message.events.length),
    [64, 64, 22],
  );
});

t.test('a message is 256 KiB long at most, unless one event alone is longer', async (t) => {
  const kib = 1024;
  const lengths = [100 * kib, 100 * kib, 56 * kib, 300 * kib, 1 * kib, 255 * kib];
  const messages = messagesOf(lengths.map((bytes) => packed(ended, 'a', bytes)));
  t.strictSame(
    messages.map((message) => message.events.length),
    [2, 1, 1, 1, 1],
  );
  const full = messagesOf([packed(ended, 'a', 128 * kib - 1), packed(ended, 'a', 128 * kib - 2)]);
  t.strictSame(
    full.map((message) => Buffer.byteLength(textOf(message))),
    [256 * kib],
  );
});

t.test(
  'a single event is sent as it is and under its own id, several as an array under one of their own',
  async (t) => {
    const one = { id: 'one', kind: ended, key: 'a', text: '{"id":"one"}' } as const;
    const two = { id: 'two', kind: ended, key: 'a', text: '{"id":"two"}' } as const;
    t.equal(textOf({ kind: ended, events: [one] }), '{"id":"one"}');
    t.equal(idOf({ kind: ended, events: [one] }), 'one');
    t.equal(textOf({ kind: ended, events: [one, two] }), '[{"id":"one"},{"id":"two"}]');
    t.equal(
      idOf({ kind: ended, events: [one, two] }),
      'a173926d6f48095ddb000ec0740f1661d1ee39ed62a0fbe5110aef88eb14fb37',
    );
    t.not(idOf({ kind: ended, events: [two, one] }), idOf({ kind: ended, events: [one, two] }));
  },
);

t.test('whatever happens, those of a key stay in their order and nothing is lost or doubled', async (t) => {
  const event = fc.record({
    kind: fc.constantFrom(created, changed, ended),
    key: fc.constantFrom('a', 'b', 'c'),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 100 }), (drafts) => {
      const events = drafts.map(({ kind, key }) => packed(kind, key));
      const messages = messagesOf(events, 5);
      const sent = messages.flatMap((message) => message.events);
      const ofKey = (all: readonly Packable[], key: string) => all.filter((one) => one.key === key);
      for (const key of ['a', 'b', 'c']) t.strictSame(ofKey(sent, key), ofKey(events, key));
      t.ok(messages.every((message) => message.events.every(({ kind }) => kind === message.kind)));
    }),
    { numRuns: 200, seed: 20261121 },
  );
});
