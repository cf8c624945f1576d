/** What is said below the figures of a finding: why it is sure, what confirmed or accepted it, what follows from it. */
import type { Comparison, Row, RowReason } from '../compare/comparison.ts';
import { acceptedNote, waiverOf } from './accepted.ts';
import type { RowGroup } from './findings.ts';
import { joinPhrases, name, type Phrase, phrase, plainText } from './phrase.ts';
import { changeSize, QUANTITY_NAMES, reasonText, subjectOf } from './row-sentence.ts';
import { counted, metricValue, probability } from './units.ts';

export function findingNotes(group: RowGroup, comparison: Comparison): readonly Phrase[] {
  return [
    ...certaintyNotes(group.rows),
    ...togetherNotes(group, comparison),
    ...acceptedNotes(group.rows, comparison),
    ...explainsNote(group.explains),
    ...metricTraceNote(group.rows, comparison),
  ];
}

/** Where to look for what a metric says: the traces in which it was largest, and those of them that are drawn. */
function metricTraceNote(
  rows: readonly Row[],
  { metricTraces = [], why = [] }: Comparison,
): readonly Phrase[] {
  const metric = rows.find((row) => row.metric !== undefined)?.metric;
  const found = metricTraces.find((each) => each.metric === metric?.name);
  if (!metric || !found) return [];
  const drawn = new Set(why.flatMap(({ exemplars }) => exemplars.candidate.map(({ traceId }) => traceId)));
  const shown = found.traces.map(({ value, traceId }) => {
    const example = drawn.has(traceId) ? ' (an example trace)' : '';
    return phrase`${metricValue(value, metric.unit)} in trace ${name(traceId)}${example}`;
  });
  return [phrase`largest values: ${joinPhrases(shown, ', ')}`];
}

/** Reasons that the figures of the table say already. */
const SELF_EVIDENT: readonly RowReason[] = ['slower', 'faster', 'new-span', 'missing-span', 'moved-together'];

/** What the figures of the table do not say, such as why a count or a rate is sure. */
function certaintyNotes(rows: readonly Row[]): readonly Phrase[] {
  const notes = rows
    .filter((row) => !SELF_EVIDENT.includes(row.reason))
    .map((row) => (rows.length === 1 ? '' : `${QUANTITY_NAMES[row.quantity]}: `) + reasonText(row));
  return [...new Set(notes)].map((note) => [note]);
}

/** What confirmed the rows, where two builds were measured together, and whether all moved as one. */
function togetherNotes({ rows, explains }: RowGroup, { together, warnings }: Comparison): readonly Phrase[] {
  const confirmed = rows.filter(
    (row) => row.reason === 'slower' && row.under === undefined && row.verdict === 'regression',
  );
  const ps = confirmed.flatMap(({ p }) => p ?? []);
  const notes: Phrase[] = [];
  if (together && together.confirmRounds > 0 && ps.length > 0) {
    const each = ps.length > 1 ? 'each ' : '';
    notes.push([
      `confirmed in ${counted(together.confirmRounds, 'fresh round')}, ${each}${probability(Math.max(...ps))} ` +
        'adjusted for all suspects',
    ]);
  }
  if (rows.some((row) => row.under !== undefined)) {
    notes.push(['several requests at a time to one instance (concurrency probe)']);
  }
  const moved = explains.some(({ reason }) => reason === 'moved-together');
  const everything = warnings.find(({ code }) => code === 'everything-moved');
  return moved && everything ? [...notes, [everything.message]] : notes;
}

function acceptedNotes(rows: readonly Row[], comparison: Comparison): readonly Phrase[] {
  const waived = rows.filter((row) => row.waivedBy !== undefined);
  const byNote = new Map<string, { readonly note: Phrase; readonly quantities: string[] }>();
  for (const row of waived) {
    const waiver = waiverOf(row, comparison);
    if (waiver === null) continue;
    const note = acceptedNote(waiver);
    const same = byNote.get(plainText(note)) ?? { note, quantities: [] };
    byNote.set(plainText(note), same);
    same.quantities.push(QUANTITY_NAMES[row.quantity]);
  }
  const notes = [...byNote.values()].map(({ note, quantities }) =>
    rows.length === 1 ? note : phrase`${quantities.join(', ')}: ${note}`,
  );
  // A cause that was accepted does not make what follows from it accepted.
  const causes = rows.flatMap((row) => comparison.rows.filter(({ id }) => id === row.explainedBy));
  const accepted = causes.find(({ waivedBy }) => waivedBy !== undefined);
  if (accepted === undefined || waived.length > 0) return notes;
  return [
    ...notes,
    phrase`follows from ${subjectOf(accepted)} ${QUANTITY_NAMES[accepted.quantity]}, which is accepted; this is not`,
  ];
}

/** More than these make a line that nobody reads; the rest is counted. */
const EXPLAINED_SHOWN = 3;

function explainsNote(rows: readonly Row[]): readonly Phrase[] {
  if (rows.length === 0) return [];
  // One row a subject: the others tell the same story.
  const subjects = new Map(rows.toReversed().map((row) => [plainText(subjectOf(row)), row]));
  const first = rows.filter((row) => subjects.get(plainText(subjectOf(row))) === row);
  const shown = first.slice(0, EXPLAINED_SHOWN).map((row) => {
    const client = row.span === null && row.unit === 'seconds' ? 'client ' : '';
    return phrase`${subjectOf(row)} ${client}${QUANTITY_NAMES[row.quantity]} ${changeSize(row)}`;
  });
  const more = first.length > shown.length ? ', …' : '';
  return [phrase`explains ${counted(rows.length, 'more row')}: ${joinPhrases(shown, ', ')}${more}`];
}
