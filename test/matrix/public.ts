/** What belongs to no document: open to everybody, answered alike whoever asks. */
export const publicRoutes = [
  'GET /health/live',
  'GET /health/ready',
  'GET /openapi.json',
  'GET /.well-known/jwks.json',
  'GET /docs',
  'GET /docs/json',
  'GET /docs/yaml',
  'GET /docs/static/index.html',
  'GET /docs/static/swagger-initializer.js',
  'GET /docs*',
];

/** Only where DEV_ROUTES is on, which production refuses. */
export const developmentRoutes = [
  'GET /dev/wechat/sns/jscode2session',
  'GET /dev/wechat/encrypt',
  'GET /dev/captcha/:id',
  'GET /dev/sms/:phone',
];
