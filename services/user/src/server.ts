import { serveAlone } from '@vestibule/shared/serve-alone';
import { user } from './service.ts';

await serveAlone(user, process.env);
