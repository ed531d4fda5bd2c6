import t from 'tap';
import { testDatabase } from './harness/parts.ts';
import { outboxSuite } from './suites/outbox-suite.ts';

outboxSuite(t, testDatabase);
