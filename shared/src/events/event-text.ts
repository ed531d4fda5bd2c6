import { decode, encode, parse, violation } from '../bus/wire.ts';
import {
  type DomainEvent,
  EventEnvelope,
  type EventKind,
  eventData,
  eventKinds,
} from '../contracts/event.ts';
import { type TSchema, Type } from '../schema.ts';

/** The whole event of each kind. */
const schemas = new Map<string, TSchema>(
  eventKinds.map((kind) => [
    kind,
    Type.Object({ ...EventEnvelope.properties, kind: Type.Literal(kind), data: eventData[kind] }),
  ]),
);

function schemaOf(event: unknown): [schema: TSchema, what: string] {
  const kind = typeof event === 'object' && event !== null && 'kind' in event ? event.kind : undefined;
  const schema = typeof kind === 'string' ? schemas.get(kind) : undefined;
  if (schema === undefined) throw violation('event', 'of no known kind');
  return [schema, `event ${kind}`];
}

/** An event as it is kept and sent: JSON that fits its kind. Fails with `contract-violated`. */
export function encodeEvent(event: DomainEvent): string {
  const [schema, what] = schemaOf(event);
  return encode(schema, event, what);
}

/** The event again; what its kind does not name is dropped. Fails with `contract-violated`. */
export function decodeEvent(text: string): DomainEvent {
  const [schema, what] = schemaOf(parse(text, 'event'));
  return decode(schema, text, what) as DomainEvent; // It fits the schema of its kind.
}

/** The event, if it is of one of these kinds. */
export function ofKinds<K extends EventKind>(event: DomainEvent, kinds: readonly K[]): DomainEvent<K> | null {
  const wanted = kinds.some((kind) => kind === event.kind);
  return wanted ? (event as DomainEvent<K>) : null; // Its kind is one of K, which no narrowing of a generic sees.
}
