// The report of a run: how many cases each cell has, how many agree, what was permitted, what failed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROWS, allCells, misses } from './cells.mjs';
import { PERMITTED } from './permitted.mjs';
import { RULES } from './rows/rules.mjs';
import { CARRIERS, DESTINATIONS, INSTANCES } from './scene.mjs';

const COLUMNS = INSTANCES.flatMap((instance) => DESTINATIONS.flatMap((destination) => CARRIERS.map((carrier) => [instance, destination, carrier].join(' | '))));

/** Counts everything; `complaints` are what makes the run fail. `judged` is empty when only the reference has run. */
export function count({ made, reference, judged, seed, seconds }) {
  const cells = cellCounts(made, judged);
  const permitted = Object.fromEntries(PERMITTED.map((rule) => [rule.id, judged.filter((one) => one.rule === rule.id).length]));
  const failed = judged.filter((one) => one.verdict === 'fails');
  const missed = made.map((one, index) => ({ id: one.case.id, miss: one.expected && misses(one.expected, reference.answers[index]) })).filter((one) => one.miss);
  const complaints = [
    ...failed.map((one) => `${one.made.case.id}: ${[...one.looser.map((name) => `LOOSER (${name})`), ...one.differences].join(', ')}`),
    ...missed.map(({ id, miss }) => `${id}: the case is not where it should be: ${miss}`),
    ...cells.filter((cell) => !cell.forbidden && cell.cases === 0).map((cell) => `${cell.name}: no cases`),
    ...cells.filter((cell) => cell.forbidden && !RULES[cell.forbidden]).map((cell) => `${cell.name}: forbidden by no known rule`),
    ...(judged.length ? Object.keys(permitted).filter((id) => permitted[id] === 0) : []).map((id) => `${id}: permitted, and never needed`),
  ];
  const agreeing = judged.filter((one) => one.verdict === 'agrees').length;
  const looser = judged.filter((one) => one.looser.length).length;
  const totals = { cases: made.length, agreeing, permitted: judged.filter((one) => one.verdict === 'permitted').length, failing: failed.length, looser, questions: sum(made.map((one) => one.case.has?.length ?? 0)), cells: cells.length, possible: cells.filter((cell) => !cell.forbidden).length };
  return { seed, seconds, totals, cells, groups: groupCounts(made, judged), answers: answerCounts(made, reference), permitted, complaints };
}

function cellCounts(made, judged) {
  const cells = new Map([...allCells()].map((cell) => [cell.name, { name: cell.name, row: cell.row.row, forbidden: cell.forbidden, cases: 0, agreeing: 0, permitted: 0 }]));
  made.forEach((one, index) => {
    const cell = cells.get(one.cell);
    if (!cell) return;
    cell.cases += 1;
    if (judged[index]?.verdict === 'agrees') cell.agreeing += 1;
    if (judged[index]?.verdict === 'permitted') cell.permitted += 1;
  });
  return [...cells.values()];
}

/** Cases by the first word of their name: a cell, a token, a question, a mixture. */
function groupCounts(made, judged) {
  const groups = {};
  made.forEach((one, index) => {
    const name = one.cell ? 'cell' : one.case.id.split(' | ')[0];
    const group = (groups[name] ??= { cases: 0, agreeing: 0, permitted: 0, failing: 0 });
    group.cases += 1;
    const verdict = judged[index]?.verdict;
    if (verdict) group[{ agrees: 'agreeing', permitted: 'permitted', fails: 'failing' }[verdict]] += 1;
  });
  return groups;
}

function answerCounts(made, reference) {
  const counts = {};
  for (const answer of reference.answers) {
    const name = answer.error ? 'thrown' : [answer.status, answer.reason].filter(Boolean).join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort((one, other) => other[1] - one[1]));
}

/** The report as Markdown. */
export function markdown(report) {
  const { totals } = report;
  const compared = totals.agreeing + totals.permitted + totals.failing > 0;
  const rows = ROWS.map((row) => {
    const cells = report.cells.filter((cell) => cell.row === row.row);
    return `| ${row.row} | ${row.title} | ${cells.map((cell) => shown(cell, compared)).join(' | ')} |`;
  });
  const used = new Set(report.cells.map((cell) => cell.forbidden).filter(Boolean));
  return [
    '# The Rust SDK and `@clerk/backend` 3.25.0, compared',
    `Seed ${report.seed}: ${totals.cases} requests and ${totals.questions} questions to \`has\`; ${totals.agreeing} agree, ${totals.permitted} differ as permitted, ${totals.failing} fail, ${totals.looser} are looser.`,
    table(['requests', 'cases', 'agreeing', 'permitted', 'failing'], Object.entries(report.groups).map(([name, group]) => [name, ...Object.values(group)])),
    '## Permitted differences',
    table(['rule', 'cases', 'reason'], PERMITTED.map((rule) => [rule.id, report.permitted[rule.id], rule.because])),
    '## Cells',
    `${totals.possible} of ${totals.cells} cells are possible. A number is the cell's cases that agree, \`+n\` those that differ as permitted, \`!n\` those that fail; a name is the rule that forbids the cell.`,
    [`| row | | ${COLUMNS.map((name) => name.replaceAll(' | ', '<br>')).join(' | ')} |`, `|${'---|'.repeat(COLUMNS.length + 2)}`, ...rows].join('\n'),
    '## Why a cell is impossible',
    [...used].map((rule) => `- **${rule}**: ${RULES[rule]}`).join('\n'),
    '## What the reference answered',
    table(['answer', 'cases'], Object.entries(report.answers)),
    ...(report.complaints.length ? ['## Complaints', report.complaints.map((text) => `- ${text}`).join('\n')] : []),
    '',
  ].join('\n\n');
}

/** A few lines for the terminal. */
export function summary(report) {
  const { totals } = report;
  const groups = Object.entries(report.groups).map(([name, group]) => `  ${name}: ${group.cases} (${group.agreeing} agree, ${group.permitted} permitted, ${group.failing} fail)`);
  const rules = Object.entries(report.permitted).map(([id, cases]) => `  permitted ${id}: ${cases}`);
  const forbidden = totals.cells - totals.possible;
  return [`${totals.cells} cells: ${totals.possible} with cases, ${forbidden} impossible`, ...groups, ...rules].join('\n');
}

export function write(report, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(folder, 'report.md'), markdown(report));
}

function shown(cell, compared) {
  if (cell.forbidden) return cell.forbidden;
  if (!compared) return `(${cell.cases})`;
  const failing = cell.cases - cell.agreeing - cell.permitted;
  return `${cell.agreeing}${cell.permitted ? ` +${cell.permitted}` : ''}${failing ? ` !${failing}` : ''}`;
}

function table(head, rows) {
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n');
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
