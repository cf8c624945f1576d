/**
 * What `node --import` loads before the service. It stays tiny, since every Node process below the start command
 * loads it, and imports the rest only where there is something to record.
 */
import { isToolProcess } from './tool-process.ts';

const directory = process.env.SPANGATE_RECORDING_DIR;

if (directory && !isToolProcess(process.argv[1], process.execArgv)) {
  try {
    const { startRecording } = await import('./start-recording.ts');
    await startRecording(directory);
  } catch (error) {
    // Recording must never break the service; the gate says that no spans came and shows this line of the log.
    process.stderr.write(`spangate: cannot record spans: ${error instanceof Error ? error.stack : error}\n`);
  }
}
