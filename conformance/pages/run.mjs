// Drives the pages of a real server in a real browser, as people use them: with scripts and without, on a phone and on a
// desktop, in light and in dark. Every page is looked at by axe-core, and photographed.
//
//   node run.mjs --binary target/debug/frontdesk [--browser /usr/bin/chromium] [--screenshots target/screenshots]
//                [--only WORD] [--server-arguments "--database-url postgres://…"]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(HERE, '../..');
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: join(ROOT, 'target/debug/frontdesk') },
    browser: { type: 'string', default: '/usr/bin/chromium' },
    screenshots: { type: 'string', default: join(ROOT, 'target/screenshots') },
    only: { type: 'string' },
    'server-arguments': { type: 'string', default: '' },
  },
});

install();
// Only now, because its own imports come from the packages that were just installed.
const { chromium } = await import('playwright-core');
const { startApplication } = await import('./lib/application.mjs');
const { Journal } = await import('./lib/journal.mjs');
const { startServer } = await import('./lib/server.mjs');
const { Person } = await import('./lib/person.mjs');
const { journeys } = await import('./lib/journeys.mjs');

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const DESKTOP = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 };
/** Every device in every light, with and without scripts. */
const SETTINGS = [
  { name: 'desktop, light, scripts', device: 'desktop', ...DESKTOP, colorScheme: 'light', javaScriptEnabled: true },
  { name: 'desktop, dark, no scripts', device: 'desktop', ...DESKTOP, colorScheme: 'dark', javaScriptEnabled: false },
  { name: 'phone, dark, scripts', device: 'phone', ...PHONE, colorScheme: 'dark', javaScriptEnabled: true },
  { name: 'phone, light, no scripts', device: 'phone', ...PHONE, colorScheme: 'light', javaScriptEnabled: false },
];
/** An instance that differs from a new one in whatever its owner can set for the pages. */
const CLUB = {
  application_name: 'The Club of Unreasonably Long Names',
  single_session_mode: false,
  attributes: { username: 'required' },
  sign_up: { legal_consent: true },
  limits: { lockout_tries: 3 },
  appearance: { primary_color: '#ffb000' },
  support_email: 'help@club.example',
  urls: { terms: 'https://club.example/terms', privacy_policy: 'https://club.example/privacy' },
};

mkdirSync(options.screenshots, { recursive: true });
const started = Date.now();
const journal = new Journal();
const server = await startServer(resolve(options.binary), options['server-arguments'].split(' ').filter(Boolean));
const instances = { own: server.instance, club: { ...(await server.makeInstance('club', CLUB)), wantsUsernames: true } };
const application = await startApplication(server);
let complaints = [];
const browser = await chromium.launch({
  executablePath: options.browser,
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
});
try {
  // Two at a time: there are two cores, and a browser and a server want one each.
  const queue = visits().filter(({ name }) => name.includes(options.only ?? ''));
  await Promise.all([worker(queue), worker(queue)]);
} finally {
  await browser.close();
  await application.close();
  complaints = await server.close();
}
for (const complaint of complaints) console.log(`! ${complaint}`);
console.log(journal.summary(started));
process.exitCode = journal.failed || complaints.length > 0 ? 1 : 0;

/** Every journey in its settings: in all, or on one device with scripts and on the other one without, by turns. */
function visits() {
  const pairs = [[SETTINGS[0], SETTINGS[3]], [SETTINGS[2], SETTINGS[1]]];
  return journeys.flatMap((journey, position) =>
    (journey.everywhere ? SETTINGS : pairs[position % 2]).map((setting) => ({
      name: `${setting.name}: ${journey.name}`,
      setting,
      journey,
    })),
  );
}

async function worker(queue) {
  for (let visit = queue.shift(); visit; visit = queue.shift()) {
    const { name, setting, journey } = visit;
    const instance = instances[journey.instance ?? 'own'];
    const person = await Person.arrive({ browser, setting, instance, application, journal, folder: options.screenshots });
    await journal.note(name, () => journey.run(person));
    await person.leave();
  }
}

/** `npm ci` where the lock file has changed since the last time. */
function install() {
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8');
  const stamp = join(HERE, 'node_modules/.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: HERE, stdio: 'inherit' });
  writeFileSync(stamp, lock);
}
