import { encode, fitted, parse, violation } from '../bus/wire.ts';
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

function kindOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'kind' in event ? event.kind : undefined;
}

function schemaOf(kind: unknown): [schema: TSchema, what: string] {
  const schema = typeof kind === 'string' ? schemas.get(kind) : undefined;
  if (schema === undefined) throw violation('event', 'of no known kind');
  return [schema, `event ${kind}`];
}

/** An event as it is kept and sent: JSON that fits its kind. Fails with `contract-violated`. */
export function encodeEvent(event: DomainEvent): string {
  const [schema, what] = schemaOf(event.kind);
  return encode(schema, event, what);
}

/**
 * The events of a message, one or an array of several, if they are of one of these kinds; what their kind does not
 * name is dropped. Fails with `contract-violated` when one of them does not fit.
 */
export function decodeEvents<K extends EventKind>(text: string, kinds: readonly K[]): DomainEvent<K>[] {
  const value = parse(text, 'event');
  const wanted = (Array.isArray(value) ? value : [value]).filter((event) => {
    const kind = kindOf(event);
    return kinds.some((one) => one === kind);
  });
  return wanted.map((event) => {
    const [schema, what] = schemaOf(kindOf(event));
    return fitted(schema, event, what) as DomainEvent<K>; // It is of a kind that is one of K, and fits its schema.
  });
}
