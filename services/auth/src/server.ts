import { serveAlone } from '@vestibule/shared/serve-alone';
import { auth } from './service.ts';

await serveAlone(auth, process.env);
