// npm sets the bit when it installs a package, but not in a checkout that builds itself.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../build/bin.js', import.meta.url), 0o755);
