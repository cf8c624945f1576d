/** What a calibration found, in the formats that fit it. */
import type { CalibratedRow } from '../compare/calibrated-row.ts';
import type { Calibration, CalibrationResult } from '../compare/calibration.ts';
import { calibrationSections } from './calibration-sections.ts';
import type { DocumentPart, Headline, ReportDocument } from './document.ts';
import type { FormatOptions } from './format.ts';
import { jsonText } from './json.ts';
import { limitsYaml } from './limits-yaml.ts';
import { markdownDocument } from './markdown.ts';
import type { MeasurementFormat } from './measurement-report.ts';
import { joinPhrases, name, type Phrase, phrase } from './phrase.ts';
import { terminalDocument } from './terminal.ts';
import { changePercent, counted, probability, signedPercent, wallTime } from './units.ts';
import type { Fact } from './view-model.ts';

/** Text that ends with a line feed. */
export function formatCalibration(
  result: CalibrationResult,
  format: MeasurementFormat,
  options: FormatOptions = {},
): string {
  if (format === 'json') return jsonText(result);
  const texts = result.calibrations.map((calibration) => {
    const document = documentOf(calibration);
    const yaml = limitsYaml(calibration.suggestions);
    if (format === 'markdown') {
      const text = markdownDocument(document, options);
      return yaml === '' ? text : `${text}\n**${SUGGESTED}**\n\n\`\`\`yaml\n${yaml}\`\`\`\n`;
    }
    // Not wrapped and not indented: it is there to be copied.
    const text = terminalDocument(document, options);
    return yaml === '' ? text : `${text}\n${SUGGESTED}\n\n${yaml}`;
  });
  return texts.join('\n');
}

const SUGGESTED = 'Suggested limits, to be put into the configuration';

function documentOf(calibration: Calibration): ReportDocument {
  const part: DocumentPart = {
    title: null,
    facts: { title: 'How it was measured', facts: factsOf(calibration) },
    sections: calibrationSections(calibration),
    footnotes: calibration.warnings.map(({ message, code }) => phrase`${message} [${code}]`),
    next: nextOf(calibration),
  };
  return { headline: headlineOf(calibration), parts: [part] };
}

function headlineOf({ scenario, rows, gateRounds, gate, arms, profile }: Calibration): Headline {
  const gated = rows.filter((row) => row.state !== 'off');
  const able = gated.filter((row) => row.state === 'gates');
  const start = phrase`calibrated: ${name(scenario)}: `;
  if (gate.verdict === 'fail') {
    return { text: phrase`${start}a gate would have failed although nothing changed`, mark: 'open' };
  }
  if (arms !== null && !arms.balanced) {
    return { text: phrase`${start}the two arms differ although they are the same build`, mark: 'open' };
  }
  return {
    text: phrase`${start}${able.length} of ${counted(gated.length, 'row')} can gate at the limits of ${profile} within ${counted(gateRounds, 'round')}${smallest(able)}`,
    mark: 'measured',
  };
}

function smallest(rows: readonly CalibratedRow[]): string {
  const changes = rows.flatMap(({ noise }) => noise?.perMinute ?? []).sort((left, right) => left - right);
  const [least] = changes;
  const most = changes.at(-1);
  if (least === undefined || most === undefined) return '';
  const range = new Set([changePercent(least), changePercent(most)]);
  return `; a minute finds changes of ${[...range].join(' to ')}`;
}

function factsOf(calibration: Calibration): readonly Fact[] {
  const { rounds, instances, seconds, secondsPerRound, seed, exchangeable } = calibration;
  const facts: Fact[] = [
    {
      label: 'rounds',
      text: [
        `${counted(rounds, 'round')} of ${instances} + ${instances} instances of the same build, ${wallTime(seconds)} in all, ${wallTime(secondsPerRound)} a round`,
      ],
    },
    { label: 'arms', text: [armsText(calibration)] },
    { label: 'A/A gate', text: gateText(calibration) },
    { label: 'calls', text: callsText(calibration) },
    ...profileFacts(calibration),
    { label: 'seed', text: [`seed ${seed}`] },
  ];
  if (exchangeable === 'arms') {
    const text =
      'only whole arms may trade places, since a dependency is tied to each: more rounds are needed';
    facts.push({ label: 'labels', text: [text] });
  }
  return facts;
}

function armsText({ arms }: Calibration): string {
  if (arms === null) return 'one instance a round cannot tell whether they are exchangeable';
  const verdict = arms.balanced ? 'exchangeable' : 'NOT exchangeable: something tells them apart';
  const figures = `${signedPercent(arms.shift)} over all rows, t = ${arms.t.toFixed(1)}, ${probability(arms.p)}`;
  return `${verdict} (${figures})`;
}

const GATE_TEXTS = {
  pass: 'passes',
  fail: 'FAILS: a false alarm',
  inconclusive: 'is inconclusive: nothing is flagged, and some rows are too noisy to pass',
} as const;

function gateText({ gate }: Calibration): Phrase {
  const known = gate.verdict === 'pass' || gate.verdict === 'fail' ? gate.verdict : 'inconclusive';
  const rounds = `${gate.screenRounds} + ${gate.confirmRounds} of these rounds`;
  const suspects =
    gate.suspects.length === 0
      ? []
      : phrase`; suspects: ${joinPhrases(
          gate.suspects.map((id) => [name(id)]),
          ', ',
        )}`;
  return phrase`${GATE_TEXTS[known]} (${rounds})${suspects}`;
}

/** More of them would bury the facts beside them. */
const NAMED = 5;

function callsText({ calls }: Calibration): Phrase {
  const constant = `constant for ${counted(calls.constant, 'span')}`;
  if (calls.varying.length === 0) return [constant];
  const names = calls.varying
    .slice(0, NAMED)
    .map(({ operation, span }) => phrase`${name(span?.name ?? '')} of ${name(operation)}`);
  const more = calls.varying.length - names.length;
  return phrase`${constant}; they vary for ${joinPhrases(names, ', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function profileFacts({ profiles, gateRounds }: Calibration): readonly Fact[] {
  return profiles.map(({ profile, rows, screened, gated }) => ({
    label: profile,
    text: [
      `${gated} of ${counted(rows, 'row')} can gate within ${counted(gateRounds, 'round')}, ${screened} of them in the first screening`,
    ],
  }));
}

function nextOf({ arms, gate, suggestions, profile, profiles }: Calibration): readonly Phrase[] {
  if (gate.verdict === 'fail' || (arms !== null && !arms.balanced)) {
    return [
      [
        'Run it again; if it says the same, something differs between the arms: a dependency that one of them has to itself, or a machine that is busy in turns.',
      ],
    ];
  }
  const strict = profiles.find((each) => each.profile === 'strict');
  if (profile !== 'strict' && strict && strict.rows > 0 && strict.gated === strict.rows) {
    return [['All rows could gate at tighter limits: profile: strict.']];
  }
  return suggestions.length === 0 ? [['The limits of the configuration fit this service.']] : [];
}
