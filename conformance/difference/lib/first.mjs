// Writes `fixtures/first.*`: hand-made cases with the reference's answers, for tests that have no Node.
//
// Of every row a few cells are taken, so that all rows and, over the rows, all kinds of cells occur.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allCells, cellCases, misses } from './cells.mjs';
import { emptyTable } from './backend.mjs';
import { answerWithReference } from './sides.mjs';

const PER_ROW = 3;
const FOLDER = fileURLToPath(new URL('../fixtures/', import.meta.url));

const table = emptyTable();
const wanted = chosenCells();
const made = [...cellCases(1, 1, table)].filter(({ cell }) => wanted.has(cell));
const { answers, calls } = await answerWithReference(made.map((one) => one.case), table);
const missed = made.map((one, index) => [one.case.id, misses(one.expected, answers[index])]).filter(([, miss]) => miss);
if (missed.length) throw new Error(`cases that miss their cell: ${JSON.stringify(missed)}`);

mkdirSync(FOLDER, { recursive: true });
const used = Object.fromEntries(Object.entries(table).filter(([name]) => name.startsWith('jwks ') || calls.has(name)));
write('first.cases.jsonl', made.map((one) => JSON.stringify(one.case)));
write('first.answers.jsonl', answers.map((answer) => JSON.stringify(answer.error ? { id: answer.id, error: true } : answer)));
write('first.backend.json', [`{\n${Object.entries(used).map(([name, answer]) => `${JSON.stringify(name)}: ${JSON.stringify(answer)}`).join(',\n')}\n}`]);
console.log(`${made.length} cases of ${wanted.size} cells`);

/** A few possible cells of each row, other ones from row to row. */
function chosenCells() {
  const rows = grouped([...allCells()]);
  const chosen = new Set();
  let turn = 0;
  for (const cells of rows.values()) {
    const possible = cells.filter((cell) => !cell.forbidden);
    for (let count = 0; count < Math.min(PER_ROW, possible.length); count++) chosen.add(possible[turn++ % possible.length].name);
  }
  return chosen;
}

function write(name, lines) {
  writeFileSync(`${FOLDER}${name}`, lines.map((line) => `${line}\n`).join(''));
}

function grouped(cells) {
  const rows = new Map();
  for (const cell of cells) rows.set(cell.row.row, [...(rows.get(cell.row.row) ?? []), cell]);
  return rows;
}
