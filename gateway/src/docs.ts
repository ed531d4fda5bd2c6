import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { Dialect } from './dialects/dialect.ts';

/** Answers of the APIs are no pages: whatever a browser is made to take for one can do nothing. */
const answerPolicy = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] };

/** The docs page has its scripts and styles from here, and writes styles and pictures into itself. */
const docsPolicy = {
  'default-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'style-src': ["'self'", "'unsafe-inline'"],
};

/** What helmet writes into every answer: always the same, and each time it takes as long as all else that comes before a handler. */
function securityHeaders() {
  const write = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: answerPolicy },
    frameguard: { action: 'deny' },
  });
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  write(request, response, (error) => {
    if (error) throw error;
  });
  return response.getHeaders();
}

/** Security headers on every answer. */
export function addSecurityHeaders(app: FastifyInstance): void {
  const headers = securityHeaders();
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
}

/**
 * `/openapi.json` and the page at `/docs`, from the schemas of the routes that are registered afterwards,
 * grouped by dialect.
 */
export async function addDocs(
  app: FastifyInstance,
  { served, cookieName }: { served: readonly Dialect[]; cookieName: string },
): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'vestibule',
        version: '0.1.0',
        description:
          'Several documented APIs over one set of accounts. Bodies may be JSON, forms or multipart; paths may end with a slash; a number where text is asked for is taken as its text.',
      },
      tags: served.map(({ name, description }) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          token: { type: 'apiKey', in: 'header', name: 'token' },
          cookie: { type: 'apiKey', in: 'cookie', name: cookieName },
        },
      },
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: docsPolicy,
    // Without it the page asks a host of others to validate the document.
    uiConfig: { validatorUrl: null },
    theme: { title: 'vestibule' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
