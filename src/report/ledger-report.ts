/** What a ledger says, in the formats that fit it. */
import type { Flip, LedgerRow, LedgerSummary, RedRun } from '../ledger/ledger-summary.ts';
import type { ReportDocument, Section, Table, TableGroup, Tone } from './document.ts';
import type { FormatOptions } from './format.ts';
import { jsonText } from './json.ts';
import { markdownDocument } from './markdown.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { terminalDocument } from './terminal.ts';
import { count, counted, percent, wallTime } from './units.ts';
import type { Fact } from './view-model.ts';

export type LedgerFormat = 'terminal' | 'markdown' | 'json';

/** What a person takes in at a glance; the rest is counted. */
const SCREEN_REDS = 12;
const SCREEN_ROWS = 20;

/** Text that ends with a line feed. */
export function formatLedger(
  summary: LedgerSummary,
  format: LedgerFormat,
  options: FormatOptions = {},
): string {
  if (format === 'json') return jsonText(summary);
  const document = documentOf(summary);
  return format === 'markdown' ? markdownDocument(document, options) : terminalDocument(document, options);
}

function documentOf(summary: LedgerSummary): ReportDocument {
  const { runs, unread, reds, flips } = summary;
  if (runs === 0) {
    const text = 'the ledger has no run: the action writes one line a run, with mode: shadow or gate';
    const part = { title: null, facts: { title: '', facts: [] }, sections: [], footnotes: [], next: [] };
    return { headline: { text: [text], mark: 'open' }, parts: [part] };
  }
  const red = new Set(reds.map(({ run, attempt, at }) => `${run} ${attempt} ${at}`)).size;
  const text = phrase`ledger: ${counted(red, 'red run')} of ${count(runs)}; ${counted(flips.length, 'commit')} red and then green`;
  return {
    headline: { text, mark: 'measured' },
    parts: [
      {
        title: null,
        facts: { title: 'What it holds', facts: factsOf(summary) },
        sections: [redsSection(reds), flipsSection(flips), ...rowSections(summary)].filter(
          (section) => section !== null,
        ),
        footnotes:
          unread === 0
            ? []
            : [
                [
                  `${counted(unread, 'line')} of another version, or of somebody else, not read [ledger-line]`,
                ],
              ],
        next: [],
      },
    ],
  };
}

function factsOf(summary: LedgerSummary): readonly Fact[] {
  const { since, until, runs, shadow, commits, pullRequests, seconds, secondsOfRepetitions } = summary;
  const again =
    secondsOfRepetitions === 0 ? '' : `, of these ${wallTime(secondsOfRepetitions)} in later attempts`;
  return [
    { label: 'time', text: [`${dayOf(since)} to ${dayOf(until)}`] },
    {
      label: 'runs',
      text: [
        `${counted(runs, 'run')} (${count(shadow)} in shadow) of ${counted(commits, 'commit')} and ${counted(pullRequests, 'pull request')}`,
      ],
    },
    { label: 'spent', text: [`${wallTime(seconds)}${again}; ${wallTime(seconds / runs)} a run`] },
  ];
}

function redsSection(reds: readonly RedRun[]): Section | null {
  if (reds.length === 0) return null;
  const groups = reds.map((red): TableGroup => {
    const cause = red.scenario === null ? phrase`no verdict: ${name(red.error ?? '')}` : scenarioText(red);
    const title = phrase`${timeOf(red.at)} ${changeText(red)}: ${cause}, exit code ${red.exitCode}, ${red.mode}`;
    const more = red.more > 0 ? [phrase`and ${counted(red.more, 'more row')}`] : [];
    return {
      title,
      rows: red.rows.map(({ id, state }) => ({
        cells: [[name(id)], [state === 'seen-again' ? 'seen again' : 'not seen again']],
        tone: state === 'seen-again' ? 'bad' : 'caution',
      })),
      notes: more,
    };
  });
  // A group without rows would not be shown.
  const lines = groups.flatMap(({ title, rows }) => (rows.length === 0 && title !== null ? [title] : []));
  return {
    ...{ title: `Red (${count(reds.length)})`, tone: 'bad', folded: false, screenRows: SCREEN_REDS, lines },
    table: { columns: columnsOf('row', ['again']), groups: groups.filter(({ rows }) => rows.length > 0) },
  };
}

function scenarioText({
  project,
  scenario,
}: Pick<LedgerRow, 'project'> & { readonly scenario: string | null }) {
  return project === '' ? phrase`${name(scenario ?? '')}` : phrase`${name(`${project}: ${scenario}`)}`;
}

function flipsSection(flips: readonly Flip[]): Section | null {
  if (flips.length === 0) return null;
  return {
    title: `Red, and green when measured once more (${count(flips.length)})`,
    tone: 'caution',
    folded: false,
    lines: flips.map((flip) => {
      const { red, green, rows } = flip;
      const first = rows[0] === undefined ? [] : phrase`: ${name(rows[0])}`;
      const more = rows.length > 1 ? ` and ${count(rows.length - 1)} more` : '';
      const when = `red in attempt ${red.attempt} (${timeOf(red.at)}), green in attempt ${green.attempt} (${timeOf(green.at)})`;
      return phrase`${changeText(flip)}: ${scenarioText(flip)} ${when}${first}${more}`;
    }),
  };
}

const ROW_SECTIONS: readonly {
  readonly state: LedgerRow['state'];
  readonly tone: Tone;
  readonly title: string;
  readonly line: (needed: number) => string;
}[] = [
  {
    state: 'unconfirmed-red',
    tone: 'caution',
    title: 'Rows with a red that nothing confirmed',
    line: () => 'Not seen in another run of the commit or pull request, and accepted by nobody.',
  },
  {
    state: 'ready',
    tone: 'good',
    title: 'Rows that are ready to fail a gate',
    line: (needed) => `Judged in at least ${counted(needed, 'run')}; each red, if any, was confirmed.`,
  },
  {
    state: 'too-few-runs',
    tone: 'quiet',
    title: 'Rows with too few runs',
    line: (needed) => `Judged in fewer than ${counted(needed, 'run')}, or open in too many.`,
  },
];

function rowSections({ rows, runsNeeded }: LedgerSummary): readonly (Section | null)[] {
  return ROW_SECTIONS.map(({ state, tone, title, line }) => {
    const own = rows.filter((row) => row.state === state);
    if (own.length === 0) return null;
    const places = [...new Set(own.map((row) => JSON.stringify([row.project, row.scenario])))];
    const groups = places.map((place): TableGroup => {
      const members = own.filter((row) => JSON.stringify([row.project, row.scenario]) === place);
      const [first] = members;
      return {
        title: first === undefined ? null : scenarioText(first),
        rows: members.map((row) => ({ cells: cellsOf(row), tone })),
        notes: [],
      };
    });
    const table: Table = { columns: columnsOf('row', ['judged', 'open', 'red', 'unconfirmed']), groups };
    const folded = state === 'too-few-runs';
    const screenRows = folded ? 0 : SCREEN_ROWS;
    return {
      title: `${title} (${count(own.length)})`,
      tone,
      folded,
      screenRows,
      lines: [[line(runsNeeded)]],
      table,
    };
  });
}

function cellsOf({ id, judged, open, red, unconfirmed }: LedgerRow): readonly Phrase[] {
  const share = open === 0 ? '' : ` (${percent(Math.round((100 * open) / (judged + open)) / 100)})`;
  return [[name(id)], [count(judged)], [`${count(open)}${share}`], [count(red)], [count(unconfirmed)]];
}

function columnsOf(first: string, others: readonly string[]): Table['columns'] {
  return [{ title: first, align: 'left' }, ...others.map((title) => ({ title, align: 'right' as const }))];
}

/** `1a2b3c4d5e of pull request 17` */
function changeText({ commit, pullRequest }: Pick<RedRun, 'commit' | 'pullRequest'>): Phrase {
  const of = pullRequest === null ? '' : ` of pull request ${pullRequest}`;
  return phrase`${name(commit.slice(0, 10))}${of}`;
}

function timeOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ');
}

function dayOf(at: string | null): string {
  return at?.slice(0, 10) ?? '';
}
