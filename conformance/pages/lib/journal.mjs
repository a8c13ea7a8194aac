// What was tried, and how it went.

const LONGEST_MILLISECONDS = 60_000;

export class Journal {
  passed = 0;
  failed = 0;
  #looked = 0;

  /** Runs one journey to its end or to its first fault. */
  async note(name, journey) {
    const started = Date.now();
    try {
      await Promise.race([journey(), tooLong()]);
      this.passed += 1;
      console.log(`ok   ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL ${name}\n     ${String(error.stack ?? error).replaceAll('\n', '\n     ')}`);
    }
  }

  /** One page more was looked at by axe-core. */
  looked() {
    this.#looked += 1;
  }

  summary(started) {
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    return `# ${this.#looked} pages without a violation of axe-core, in ${seconds} s\n${this.passed} passed, ${this.failed} failed`;
  }
}

function tooLong() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('took too long')), LONGEST_MILLISECONDS).unref();
  });
}
