/**
 * Which Node processes are not the service: package managers, compilers and launchers inherit NODE_OPTIONS too, and
 * must not pay for the SDK.
 */

/** Names of commands, without extension. A launcher such as nodemon starts the service in a process of its own. */
const TOOLS: ReadonlySet<string> = new Set(
  [
    'npm npm-cli npx npx-cli npm-prefix yarn yarnpkg pnpm pnpx corepack bun node-gyp',
    'tsc vue-tsc swc swcx esbuild tsup tsdown rollup webpack webpack-cli parcel babel tsx ts-node-dev nest nodemon',
    'concurrently npm-run-all run-s run-p cross-env cross-env-shell dotenv dotenvx env-cmd wait-on rimraf shx',
    'turbo nx lerna rush lage wireit husky patch-package eslint prettier biome',
    'prisma knex sequelize drizzle-kit typeorm db-migrate',
  ].flatMap((line) => line.split(' ')),
);

/** Folders of programs whose own files have other names, such as `npm/lib/cli.js` or `.yarn/releases/yarn-4.5.0.cjs`. */
const TOOL_PATH =
  /\/node_modules\/(?:npm|corepack|yarn|pnpm|typescript|esbuild)\/|\/node_modules\/tsx\/dist\/cli\.|\/\.yarn\/releases\/|\/corepack\/v1\//;

/**
 * @param script `process.argv[1]`
 * @param nodeArguments `process.execArgv`
 */
export function isToolProcess(script: string | undefined, nodeArguments: readonly string[]): boolean {
  if (nodeArguments.some((argument) => ['-p', '--print', '-pe', '-c', '--check'].includes(argument)))
    return true;
  if (script === undefined) return false;
  const path = script.replaceAll('\\', '/');
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.(?:[cm]?js|cmd)$/, '');
  return TOOLS.has(name) || TOOL_PATH.test(path);
}
