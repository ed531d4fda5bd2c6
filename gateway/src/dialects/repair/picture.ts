import { Type } from '@vestibule/shared/schema';
import type { FastifyReply } from 'fastify';
import { good } from './present.ts';

/** A picture that is opened by itself runs nothing and loads nothing, whatever stands in it. */
const policy = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** Answers both forms of a diagram, or, if asked for, the SVG as a picture. */
export function sendDiagram(
  reply: FastifyReply,
  { mermaid, svg }: { mermaid: string; svg: string },
  format = '',
): FastifyReply {
  if (format !== 'svg') return reply.send(good({ mermaid, svg }));
  reply.header('content-security-policy', policy).header('x-content-type-options', 'nosniff');
  return reply.type('image/svg+xml').send(svg);
}

type Shown = { schema: { response: Record<string, { content: object }> } };

/** An operation that answers a picture too, if it is asked for. */
export function withPicture<O extends Shown>(operation: O) {
  const { response } = operation.schema;
  const picture = { 'image/svg+xml': { schema: Type.String() } };
  const answered = { ...response[200], content: { ...response[200]?.content, ...picture } };
  return { ...operation, schema: { ...operation.schema, response: { ...response, 200: answered } } };
}
