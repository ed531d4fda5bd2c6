import { serveAlone } from '@vestibule/shared/serve-alone';
import { processes } from './service.ts';

await serveAlone(processes, process.env);
