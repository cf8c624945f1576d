#!/usr/bin/env node
/** What `spangate` starts. */
import { run } from './cli.ts';
import { inThisProcess } from './process-world.ts';

await inThisProcess(run);
