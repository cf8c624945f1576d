/** What git says of a ref that baselines or the ledger are kept on, and what the user is told of it. */
import { EXIT, UserError } from '../errors.ts';
import type { BaselineRef } from './baseline-ref.ts';

/** What may be gone a moment later, and says nothing of rights. */
export function isNetworkFault(said: string): boolean {
  return /could not resolve host|connection (?:was )?(?:reset|refused|timed out)|operation timed out|early EOF|unexpected disconnect|HTTP 5\d\d|returned error: 5\d\d/i.test(
    said,
  );
}

/** By another git in the same clone; a right that is missing would still be missing later. */
export function isLocked(said: string): boolean {
  return /cannot lock ref '[^']*': (?:is at|reference already exists)|unable to create '[^']*\.lock': File exists|shallow file has changed/i.test(
    said,
  );
}

export function unreachable({ remote, ref, holds }: BaselineRef, errors: string): UserError {
  const isLate = isNetworkFault(errors) || saysLate(errors);
  return new UserError({
    code: 'baseline-ref-unreachable',
    what: `The ${holds ?? 'baselines'} of ${ref} cannot be fetched from ${remote}.`,
    detail: said(errors),
    hint: isLate
      ? NETWORK
      : 'Does this job have a remote of that name, and may it read it? On GitHub Actions: permissions: contents: read.',
    exitCode: EXIT.couldNotMeasure,
  });
}

export function refused(place: BaselineRef, errors: string): UserError {
  const { remote, ref } = place;
  const isLate = isNetworkFault(errors) || saysLate(errors);
  const isProtected = /GH006|GH013|protected|pre-receive hook declined/i.test(errors);
  return new UserError({
    code: 'baseline-ref-refused',
    what: `${notStored(place)}: ${remote} ${isLate ? 'could not be reached to store' : 'refused to take'} ${ref}.`,
    detail: said(errors),
    hint: isLate
      ? NETWORK
      : isProtected && place.holds === 'ledger'
        ? 'A rule of the repository forbids it: let that ref be written, or say ledger: never.'
        : isProtected
          ? 'That name is protected there. Use one that is no branch: baseline: { store: git-ref, ref: refs/spangate/baselines }'
          : `May this job write? On GitHub Actions: permissions: contents: write${place.holds ? '' : ', in the job that records'}.`,
    exitCode: EXIT.couldNotMeasure,
  });
}

function notStored({ holds }: BaselineRef): string {
  return holds === 'ledger' ? 'The ledger was not written' : 'The baseline was measured and not stored';
}

const NETWORK = 'The network or the server failed, or was too slow: run the job again.';

/** As `askGit` says it. */
function saysLate(errors: string): boolean {
  return /^Not done after \d+ s\.$/m.test(errors);
}

function said(errors: string): readonly string[] {
  return errors
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-8);
}

export function contended(place: BaselineRef, attempts: number): UserError {
  return new UserError({
    code: 'baseline-ref-contended',
    what: `${notStored(place)}: other jobs were quicker ${attempts} times.`,
    where: place.ref,
    hint: 'Record in fewer jobs at once, or one after the other (a concurrency group of the workflow).',
    exitCode: EXIT.couldNotMeasure,
  });
}
