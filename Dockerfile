# One image for all parts; the command says which one runs: `node gateway/src/server.ts` and the like, or
# `node main.ts` for all of them in one process. TypeScript runs as it is, so nothing is built.
FROM node:26-bookworm-slim AS manifests
WORKDIR /app
COPY . .
# So that the next stage is made anew only when a dependency changes.
RUN find . -type f ! -name 'package*.json' -delete

FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
# The Node.js that comes along for older machines, and what only editors and debuggers read, stay outside.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/node-darwin-* node_modules/node-win-* \
      node_modules/.bin node_modules/.package-lock.json \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM node:26-bookworm-slim AS compiled
WORKDIR /app
COPY --from=dependencies /app ./
COPY . .
# What Node.js compiles at a start, it finds here: the container's file system is read-only. The cache is of the
# user that made it.
RUN install -d -o node -g node /app/.compiled
USER node
RUN for part in gateway/src/app.ts services/*/src/service.ts shared/src/serve-alone.ts; do \
      NODE_COMPILE_CACHE=/app/.compiled node --eval "import('/app/$part')" || exit 1; \
    done

FROM node:26-bookworm-slim
WORKDIR /app
COPY --from=compiled /app ./
# Less memory that a process keeps and does not use, as in bin/launch.mjs.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compiled \
    NODE_OPTIONS=--max-semi-space-size=8 \
    MALLOC_ARENA_MAX=2 \
    HOST=0.0.0.0 \
    PORT=3000 \
    OPS_PORT=3100 \
    DATA_DIR=/data
RUN install -d -o node -g node /data
USER node
EXPOSE 3000 3100
# Without fetch, which costs each check twice the time.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "require('http').get({ host: '127.0.0.1', port: process.env.OPS_PORT, path: '/health/ready' }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
CMD ["node", "main.ts"]
