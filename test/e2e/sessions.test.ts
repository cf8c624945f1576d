import { join } from 'node:path';
import { testSessions } from './session-tests.ts';

testSessions('what a user sees', join(import.meta.dirname, 'fixtures'));
