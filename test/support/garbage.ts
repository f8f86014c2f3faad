import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Frees what nobody refers to. A WeakRef holds what it refers to until the end of the turn in which it was made or asked. */
export const collectGarbage = runInNewContext('gc') as () => void;
