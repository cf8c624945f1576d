/** What the runner of GitHub Actions starts, bundled as `dist/index.js`. */
import { runAction } from './action.ts';
import { inThisProcess } from './process-world.ts';

await inThisProcess(runAction);
