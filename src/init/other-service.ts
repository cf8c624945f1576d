/** Services in other languages: recognised, so that a user is told what will be possible. Pure. */
import { placeOf, type SourcePlace } from './port.ts';
import type { Project } from './project.ts';

/** A service in another language, for which there is no telemetry yet. */
export interface OtherService {
  readonly framework: string;
  readonly place: SourcePlace;
  /** How spangate will see its spans. */
  readonly plan: string;
}

const OTHER_FRAMEWORKS: readonly {
  readonly framework: string;
  readonly file: RegExp;
  readonly text: RegExp;
  readonly plan: string;
}[] = [
  ...(
    [
      ['FastAPI', /\bfrom fastapi import|\bimport fastapi|^fastapi\b|["']fastapi\b/m],
      ['Flask', /\bfrom flask import|\bimport flask|^flask\b|["']flask\b/im],
      ['Django', /\bfrom django\b|django\.core|DJANGO_SETTINGS_MODULE|^django\b|["']django\b/im],
    ] as const
  ).map(([framework, text]) => ({
    framework,
    file: /\.py$|requirements\.txt$|pyproject\.toml$/,
    text,
    plan: 'start it under opentelemetry-instrument and receive its spans by OTLP',
  })),
  {
    framework: 'Spring',
    file: /pom\.xml$|build\.gradle(?:\.kts)?$|\.(?:java|kt)$/,
    text: /org\.springframework|spring-boot/,
    plan: 'start it with the OpenTelemetry Java agent and receive its spans by OTLP',
  },
];

export function detectOtherService(project: Project): OtherService | null {
  for (const { framework, file, text, plan } of OTHER_FRAMEWORKS) {
    for (const [path, source] of project.sources) {
      const match = file.test(path) ? text.exec(source) : null;
      if (match) return { framework, place: placeOf(path, source, match.index), plan };
    }
  }
  return null;
}
