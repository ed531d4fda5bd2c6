import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { Dialect } from './dialects/dialect.ts';

/** Headers of the docs page: its scripts and styles come from here, and it writes styles into the page. */
const policy = {
  'default-src': ["'self'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
};

/** Security headers on every answer. Plain HTTP stays possible: TLS, and HSTS with it, belong to the proxy. */
export async function addSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: policy },
    frameguard: { action: 'deny' },
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
    // Without it the page asks a host of others to validate the document.
    uiConfig: { validatorUrl: null },
    theme: { title: 'vestibule' },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
