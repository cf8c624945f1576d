/** Steps of a workflow that bring the language of a service. Pure. */
import type { OtherService } from './other-service.ts';

export function toolchainOf(language: OtherService['language']): readonly string[] {
  if (language === 'Python')
    return ['      - uses: actions/setup-python@v6', '        with:', "          python-version: '3.13'"];
  if (language === 'Java') {
    return [
      '      - uses: actions/setup-java@v5',
      '        with:',
      '          distribution: temurin',
      "          java-version: '21'",
    ];
  }
  return ['      - uses: actions/setup-go@v6', '        with:', '          go-version-file: go.mod'];
}
