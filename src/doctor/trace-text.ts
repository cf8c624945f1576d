/** Trace trees and findings of `doctor` for a terminal. */

import { paintOf } from '../report/colour.ts';
import { pad, shortenMiddle, wrap } from '../report/fit-text.ts';
import { visibleText } from '../report/safe-text.ts';
import { seconds } from '../report/units.ts';
import type { TraceNode } from '../telemetry/trace-tree.ts';
import type { Finding, ProbedTrace } from './diagnosis.ts';

export interface TraceTextOptions {
  readonly width?: number;
  readonly colour?: boolean;
}

/** A trace of a thousand queries says as much in its first lines. */
const MOST_LINES = 30;

/** Text that ends with a line feed. */
export function traceText({ request, tree }: ProbedTrace, options: TraceTextOptions = {}): string {
  const paint = paintOf(options.colour ?? false);
  const { outcome } = request;
  const answer =
    outcome.kind === 'answered'
      ? `${outcome.expected ? paint.green(String(outcome.status)) : paint.red(String(outcome.status))} in ${seconds(outcome.seconds)}`
      : outcome.kind === 'failed'
        ? paint.red(outcome.error)
        : paint.red('not sent');
  const title = `${paint.bold(visibleText(request.name))}  ${request.method} ${visibleText(request.path)}  ${answer}`;
  // Where all spans are of one service, its name says nothing.
  const above = servicesOf(tree).size > 1 ? null : (tree[0]?.service ?? null);
  const rows = tree.flatMap((node, index) =>
    nodeRows(node, { indent: '', isLast: index === tree.length - 1, service: above }),
  );
  const shown = rows.slice(0, MOST_LINES);
  const width = Math.min(120, options.width ?? 80);
  const nameWidth = Math.min(width - 24, Math.max(0, ...shown.map((row) => row.name.length)));
  const lines = shown.map((row) => {
    const name = pad(shortenMiddle(row.name, nameWidth), nameWidth, 'left');
    return `  ${name}  ${pad(row.duration, 8, 'right')}${row.isError ? paint.red('  error') : ''}`;
  });
  if (rows.length > shown.length) lines.push(`  … and ${rows.length - shown.length} more spans`);
  if (rows.length === 0 && outcome.kind === 'answered') lines.push(`  ${paint.yellow('no spans')}`);
  return `${[title, ...lines].join('\n')}\n`;
}

interface NodeRow {
  readonly name: string;
  readonly duration: string;
  readonly isError: boolean;
}

function servicesOf(nodes: readonly TraceNode[]): ReadonlySet<string> {
  return new Set(nodes.flatMap((node) => [node.service, ...servicesOf(node.children)]));
}

interface Place {
  readonly indent: string;
  readonly isLast: boolean;
  /** Of the span above: that of a span below is shown where it is another one. */
  readonly service: string | null;
}

function nodeRows(node: TraceNode, { indent, isLast, service }: Place): NodeRow[] {
  const branch = indent === '' ? '' : isLast ? '└ ' : '├ ';
  const kind = node.kind === 'internal' ? '' : ` (${node.kind})`;
  const owner = node.service === service ? '' : ` · ${visibleText(node.service) || '(no service name)'}`;
  const below = indent === '' ? '  ' : `${indent}${isLast ? '  ' : '│ '}`;
  return [
    {
      name: `${indent.slice(2)}${branch}${visibleText(node.name)}${kind}${owner}`,
      duration: seconds(node.durationSeconds),
      isError: node.status === 'error',
    },
    ...node.children.flatMap((child, index) =>
      nodeRows(child, {
        indent: below,
        isLast: index === node.children.length - 1,
        service: node.service,
      }),
    ),
  ];
}

/** Problems first. Text that ends with a line feed. */
export function findingsText(findings: readonly Finding[], options: TraceTextOptions = {}): string {
  const paint = paintOf(options.colour ?? false);
  const width = Math.min(120, options.width ?? 80);
  const problems = findings.filter((finding) => finding.level === 'problem');
  const notes = findings.filter((finding) => finding.level === 'note');
  if (findings.length === 0) return `${paint.green('all is seen:')} nothing to mend\n`;
  const entry = ({ level, message, fix }: Finding) => {
    const mark = level === 'problem' ? paint.red('problem:') : paint.yellow('note:');
    const text = wrap(visibleText(message), width - 11).join('\n  ');
    const hint = fix === '' ? '' : `\n  ${paint.dim(wrap(`fix: ${fix}`, width - 4).join('\n  '))}`;
    return `${mark} ${text}${hint}`;
  };
  return `${[...problems, ...notes].map(entry).join('\n')}\n`;
}
