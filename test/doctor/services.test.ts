import { join } from 'node:path';
import { testSessions } from '../e2e/session-tests.ts';

testSessions('what doctor says of a service', join(import.meta.dirname, 'fixtures'));
