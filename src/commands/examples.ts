/** What `--help` shows under each command. */
export const EXAMPLES = {
  program: `
Start with:
  $ spangate init                # writes spangate.yml
  $ spangate doctor              # is everything seen?
  $ spangate baseline record     # on main
  $ spangate gate                # on a pull request

Without a stored baseline, base and head on one machine:
  $ spangate gate --against origin/main

Exit codes: 0 pass · 1 regression · 2 wrong usage or configuration · 3 could not measure ·
4 inconclusive or no baseline, where that is asked for · 130/143 stopped by a signal`,
  init: `
Examples:
  $ spangate init
  $ spangate init --ci github    # and .github/workflows/spangate.yml`,
  doctor: `
Examples:
  $ spangate doctor
  $ spangate doctor --scenario checkout`,
  run: `
Examples:
  $ spangate run -o head.json
  $ spangate run --format markdown >> "$GITHUB_STEP_SUMMARY"`,
  baseline: `
Examples:
  $ spangate baseline record     # then commit .spangate/baseline.json and baseline.history/
  $ spangate baseline record --scenario checkout --force
  $ spangate baseline list
  $ spangate baseline prune --older-than-days 90`,
  gate: `
Examples:
  $ spangate gate                              # against the stored baseline
  $ spangate gate --against origin/main        # base commit and work tree, side by side
  $ spangate gate --against auto               # in CI, what the change is merged into
  $ spangate gate --against auto --shadow      # stops nobody, and notes what it would have done
  $ spangate gate --against auto --ledger      # a red job that is run again stays red
  $ spangate gate --report junit=spangate.xml --report markdown=summary.md
  $ spangate gate --report openmetrics=metrics.txt   # for GitLab, in artifacts: reports: metrics
  $ spangate gate -o report.html               # one file with charts and traces, for a browser
  $ spangate gate --explain                    # traces and distributions of what changed, as text
  $ spangate gate --format json | jq .verdict
  $ spangate gate --export-otlp http://localhost:4318   # traces to Jaeger, a Collector
  $ spangate gate --require-baseline --strict`,
  merge: `
Examples:
  $ spangate merge node-20.json node-24.json
  $ spangate merge results/ --expected 3       # all *.json in that folder`,
  ab: `
Examples:
  $ spangate ab ./build-a ./build-b
  $ spangate ab --env-b FEATURE_X=1            # one build, two environments
  $ spangate ab --env-b PATH="/opt/node-24/bin:$PATH" --no-setup`,
  calibrate: `
Examples:
  $ spangate calibrate                         # noise, smallest changes, suggested limits
  $ spangate calibrate --rounds 12 -o calibration.json
  $ spangate calibrate --format markdown >> "$GITHUB_STEP_SUMMARY"`,
  selftest: `
Examples:
  $ spangate selftest                          # exit code 1 where a change is missed
  $ spangate selftest --span 'pg.query SELECT orders'`,
  compare: `
Examples:
  $ spangate compare .spangate/baseline.json head.json
  $ spangate compare base.json head.json --config spangate.yml --format markdown`,
  report: `
Examples:
  $ spangate gate -o result.json; spangate report result.json --format markdown
  $ spangate report result.json -o report.html`,
  ledger: `
Examples:
  $ spangate ledger                            # the last thousand runs, from refs/spangate/ledger of origin
  $ spangate ledger --days 30 --format markdown >> "$GITHUB_STEP_SUMMARY"
  $ spangate ledger --format json | jq '.rows[] | select(.state == "ready") | .id'`,
} as const;
