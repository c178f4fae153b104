import { defineConfig } from '@playwright/test';

export default defineConfig<object, { serverOf: 'file' | 'all' }>({
  // One browser and one server at a time: the tests are meant to pass on two cores.
  workers: 1,
  // A journey of a minute takes three on a machine on which much else is going on.
  timeout: 240_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: [['list']],
  outputDir: '../../test-results',
  use: {
    viewport: { width: 1280, height: 800 },
    // A journey that fails leaves a picture, the page as a screen reader has it, and the server's log. What it did, step by
    // step, is kept by `--trace retain-on-failure`, which takes a tenth of all that journeys do.
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync'
      ]
    }
  },
  projects: [
    { name: 'journeys', testDir: 'journeys' },
    { name: 'screenshots', testDir: 'screenshots', use: { serverOf: 'all' } }
  ]
});
