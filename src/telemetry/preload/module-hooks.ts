/** Makes modules that are loaded with `import` visible to the instrumentations; `require` needs nothing. */
import module, { createRequire } from 'node:module';

export type ModuleHooks = 'synchronous' | 'off-thread' | 'none';

/** Set to `none`, it leaves `import` alone: a way out where wrapping modules breaks a service. */
const SWITCH = 'SPANGATE_MODULE_HOOKS';

/**
 * Only the modules that have an instrumentation are wrapped: wrapping all of them is slower and has broken
 * applications.
 *
 * @param include module names, as they are imported
 */
export async function hookModules(include: readonly string[]): Promise<ModuleHooks> {
  if (process.env[SWITCH] === 'none') return 'none';
  const synchronous = await import('import-in-the-middle/register-hooks.mjs');
  if (synchronous.supportsSyncHooks()) {
    synchronous.register({ include: [...include] });
    return 'synchronous';
  }
  if (typeof module.register !== 'function') return 'none';
  module.register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include: [...include] } });
  return 'off-thread';
}

/**
 * Makes sure that `http` is patched, also where only ES modules have imported it: their bindings are live, and change
 * when the exports are synchronised. Not to be called before an SDK of the application could have begun: a module that
 * was loaded before is not shown to instrumentations that come later.
 */
export function patchBuiltins(): void {
  const require = createRequire(import.meta.url);
  require('node:http');
  require('node:https');
  module.syncBuiltinESMExports();
}
