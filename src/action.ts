/** The door of GitHub Actions: reads inputs and event, calls the gate, and says what came out where people look. */
import { chosenMode } from './action/chosen-mode.ts';
import { type ActionContext, openContext } from './action/context.ts';
import { failedAction } from './action/failure.ts';
import { gateMode, shadowMode } from './action/gate-mode.ts';
import { mergeMode } from './action/merge-mode.ts';
import { recordMode } from './action/record-mode.ts';
import { reportMode } from './action/report-mode.ts';
import type { ExitCode } from './errors.ts';
import { openRunnerDoor } from './github/runner-door.ts';
import type { World } from './world.ts';

const MODES = {
  gate: gateMode,
  shadow: shadowMode,
  record: recordMode,
  report: reportMode,
  merge: mergeMode,
} as const;

/** Never throws: what goes wrong is printed and annotated, and becomes the exit code. */
export async function runAction(world: World): Promise<ExitCode> {
  const door = openRunnerDoor();
  let context: ActionContext | null = null;
  try {
    context = openContext(world, door);
    const mode = chosenMode(context.inputs.mode, context.trigger);
    return await MODES[mode](context);
  } catch (error) {
    return await failedAction(error, world, { context, door });
  }
}
